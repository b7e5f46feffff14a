import { render } from "preact";
import { describe, expect, it } from "vitest";
import { Markdown, plain } from "../src/panel/markdown";

function draw(text: string, known: number[] = []): HTMLElement {
  const root = document.createElement("div");
  const reference = (n: number) => (known.includes(n) ? <button type="button">{n}</button> : null);
  render(<Markdown text={text} marks={{ reference }} />, root);
  return root;
}

describe("what the model writes", () => {
  it("never becomes markup", () => {
    const hostile = '<img src=x onerror="alert(1)"> <script>alert(2)</script> <b>bold</b>';
    const root = draw(`${hostile}\n\n- ${hostile}\n\n> ${hostile}\n\n\`${hostile}\``);
    expect(root.querySelector("img, script, b")).toBeNull();
    expect(root.querySelector("p")?.textContent).toBe(hostile);
  });

  it("links by https only, and says where to when its words do not", () => {
    const root = draw(
      "[click](javascript:alert(1)) [x](http://a.example) [your bank](https://evil.example/x) https://a.example/b.",
    );
    const links = [...root.querySelectorAll("a")];
    expect(links.map((one) => one.getAttribute("href"))).toEqual([
      "https://evil.example/x",
      "https://a.example/b",
    ]);
    expect(links[0]?.textContent).toBe("your bank (evil.example)");
    expect(links.every((one) => one.rel.includes("noopener") && one.target === "_blank")).toBe(true);
  });

  it("draws lists, emphasis, quotes and code", () => {
    const root = draw(
      "Do *this* and **that**:\n\n1. one\n2. two\n   more\n\n- a\n\n- b\n\n> said\n\n```js\n1 < 2\n```",
    );
    expect(root.querySelector("em")?.textContent).toBe("this");
    expect(root.querySelector("strong")?.textContent).toBe("that");
    expect([...root.querySelectorAll("ol li")].map((one) => one.textContent)).toEqual(["one", "two more"]);
    expect(root.querySelectorAll("ul")).toHaveLength(1);
    expect(root.querySelectorAll("ul li")).toHaveLength(2);
    expect(root.querySelector("blockquote")?.textContent).toBe("said");
    expect(root.querySelector("pre")?.textContent).toBe("1 < 2");
  });

  it("leaves arithmetic, file names and unknown references as they are", () => {
    const text = "2 * 3 * 4, snake_case_name, [7] and a*b";
    expect(draw(text).textContent).toBe(text);
  });

  it("turns a known reference into its button", () => {
    expect(draw("As Franklin says [2].", [2]).querySelector("button")?.textContent).toBe("2");
  });

  it("survives hostile nesting in reasonable time", () => {
    const root = draw(`${"*".repeat(3000)}${"[".repeat(3000)}${"> ".repeat(500)}a`);
    expect(root.textContent).toContain("a");
  });
});

it("announces words without their marks", () => {
  expect(plain("**Rise** early [1].\n- wash\n- [read](https://a.example)")).toBe("Rise early.\nwash\nread");
});
