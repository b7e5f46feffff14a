/**
 * A small, safe part of Markdown, made into DOM nodes and never into HTML text: paragraphs, lists, quotes, code,
 * bold, italic, links by https, and `[n]` as a reference to a citation. Anything else shows as it was written.
 */
import type { ComponentChildren, VNode } from "preact";

export interface Marks {
  /** Draws the reference `[n]`, or gives null when the answer has no such citation. */
  reference(n: number): VNode | null;
}

type Block =
  | { kind: "text" | "heading" | "quote"; lines: string[] }
  | { kind: "list"; ordered: boolean; start: number; items: string[] }
  | { kind: "code"; text: string };

const BULLET = /^\s{0,3}[-*+•]\s+(.*)$/;
const NUMBER = /^\s{0,3}(\d{1,4})[.)]\s+(.*)$/;
const FENCE = /^\s{0,3}```/;

function blocks(text: string): Block[] {
  const found: Block[] = [];
  let open: Block | null = null;
  const begin = <B extends Block>(block: B): B => {
    found.push(block);
    open = block;
    return block;
  };
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const current = open as Block | null;
    const item = BULLET.exec(line);
    const numbered = NUMBER.exec(line);
    if (FENCE.test(line)) {
      const end = lines.findIndex((other, i) => i > at && FENCE.test(other));
      const stop = end < 0 ? lines.length : end;
      found.push({ kind: "code", text: lines.slice(at + 1, stop).join("\n") });
      at = stop;
      open = null;
    } else if (line.trim() === "") {
      // A blank line between the items of a list does not end the list; the next line decides.
      if (current?.kind !== "list") open = null;
    } else if (item || numbered) {
      const ordered = item === null;
      const words = (item?.[1] ?? numbered?.[2]) as string;
      if (current?.kind === "list" && current.ordered === ordered) current.items.push(words);
      else begin({ kind: "list", ordered, start: Number(numbered?.[1] ?? 1), items: [words] });
    } else if (/^\s{0,3}#{1,6}\s+/.test(line)) {
      found.push({ kind: "heading", lines: [line.replace(/^\s*#+\s+/, "")] });
      open = null;
    } else if (/^\s{0,3}>/.test(line)) {
      const words = line.replace(/^\s*>\s?/, "");
      if (current?.kind === "quote") current.lines.push(words);
      else begin({ kind: "quote", lines: [words] });
    } else if (current?.kind === "list" && /^\s+/.test(line)) {
      current.items.push(`${current.items.pop() ?? ""} ${line.trim()}`);
    } else if (current?.kind === "text") current.lines.push(line);
    else begin({ kind: "text", lines: [line] });
  }
  return found;
}

const INLINE =
  /`([^`\n]+)`|\*\*(?=\S)(.+?)(?<=\S)\*\*|(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)|\[([^\]\n]+)\]\((https:\/\/[^\s)]+)\)|\[(\d{1,2})\]|(https:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])/g;

/** A link names the host it leads to when its words do not, so that words cannot disguise an address. */
function link(address: string, words: string): VNode | string {
  let host: string;
  try {
    host = new URL(address).host;
  } catch {
    return words;
  }
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {words.includes(host) ? words : `${words} (${host})`}
    </a>
  );
}

function inline(text: string, marks: Marks, depth = 0): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, star, under, words, address, number, bare] = match;
    let node: ComponentChildren = whole;
    if (code !== undefined) node = <code>{code}</code>;
    else if (bold !== undefined) node = <strong>{depth < 3 ? inline(bold, marks, depth + 1) : bold}</strong>;
    else if (star !== undefined || under !== undefined) {
      const inner = (star ?? under) as string;
      node = <em>{depth < 3 ? inline(inner, marks, depth + 1) : inner}</em>;
    } else if (address !== undefined) node = link(address, words as string);
    else if (number !== undefined) node = marks.reference(Number(number)) ?? whole;
    else if (bare !== undefined) node = link(bare, bare);
    const before = text.slice(from, match.index);
    // A reference stays on the line of what it refers to.
    out.push(number !== undefined && node !== whole ? before.replace(/\s$/, "\u00a0") : before, node);
    from = match.index + whole.length;
  }
  out.push(text.slice(from));
  return out;
}

function lines(list: string[], marks: Marks): ComponentChildren[] {
  return list.flatMap((line, i) =>
    i === 0 ? inline(line, marks) : [<br key={i} />, ...inline(line, marks)],
  );
}

function draw(block: Block, marks: Marks, key: number): VNode {
  switch (block.kind) {
    case "code":
      return (
        <pre key={key} dir="ltr">
          <code>{block.text}</code>
        </pre>
      );
    case "list": {
      const items = block.items.map((item, i) => (
        <li key={i} dir="auto">
          {inline(item, marks)}
        </li>
      ));
      return block.ordered ? (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      ) : (
        <ul key={key}>{items}</ul>
      );
    }
    case "quote":
      return (
        <blockquote key={key} dir="auto">
          {lines(block.lines, marks)}
        </blockquote>
      );
    default:
      return (
        <p key={key} dir="auto">
          {block.kind === "heading" ? (
            <strong>{lines(block.lines, marks)}</strong>
          ) : (
            lines(block.lines, marks)
          )}
        </p>
      );
  }
}

/** Draws a text. */
export function Markdown({ text, marks }: { text: string; marks: Marks }) {
  return <>{blocks(text).map((block, i) => draw(block, marks, i))}</>;
}

/** The text without its marks, for a screen reader's announcement. */
export function plain(text: string): string {
  return text
    .replace(/^\s*(```.*|#{1,6}\s|>\s?|[-*+•]\s)/gm, "")
    .replace(/\[([^\]\n]+)\]\(https:[^\s)]+\)/g, "$1")
    .replace(/\s*\[\d{1,2}\]/g, "")
    .replace(/\*\*|`/g, "")
    .trim();
}
