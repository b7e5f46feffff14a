import { describe, expect, it } from "vitest";
import { failureOf, fieldMessages, messageFor, RequestFailed, unplacedMessages } from "./problem";

const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

describe("failureOf", () => {
  it("keeps what the problem says", () => {
    const failure = failureOf(answer(422), {
      code: "validation",
      title: "Validation failed",
      status: 422,
      detail: "Two fields are wrong.",
      request_id: "req_1",
      errors: [{ pointer: "/email", detail: "Not an address." }],
    });
    expect(failure).toMatchObject({
      status: 422,
      code: "validation",
      message: "Two fields are wrong.",
      requestId: "req_1",
    });
    expect(messageFor(failure, "/email")).toBe("Not an address.");
  });

  it("says something when the answer was not a problem at all", () => {
    const failure = failureOf(answer(502, { "x-request-id": "req_2" }), "<html>");
    expect(failure).toMatchObject({ code: "502", message: "The server answered 502.", requestId: "req_2" });
  });

  it("reads how long to wait, in seconds only", () => {
    expect(failureOf(answer(429, { "retry-after": "30" }), null).retryAfter).toBe(30);
    expect(
      failureOf(answer(429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), null).retryAfter,
    ).toBeNull();
    expect(failureOf(answer(429), null).retryAfter).toBeNull();
  });
});

describe("field messages", () => {
  const failure = new RequestFailed({
    status: 422,
    code: "validation",
    message: "Wrong.",
    fields: fieldMessages([
      { pointer: "/password", detail: "Too short." },
      { pointer: "/password", detail: "Too common." },
      { pointer: "/weekdays/0", detail: "Not a day." },
      { pointer: "/settings/daily_cap", detail: "At most 20." },
    ]),
  });

  it("joins several about one field", () => {
    expect(messageFor(failure, "/password")).toBe("Too short. Too common.");
  });

  it("shows what is wrong with an element at its list, and not at a field that only begins alike", () => {
    expect(messageFor(failure, "/weekdays")).toBe("Not a day.");
    expect(messageFor(failure, "/week")).toBeUndefined();
  });

  it("hides nothing: what no field shows is said above the form", () => {
    expect(unplacedMessages(failure, ["/password", "/weekdays"])).toEqual([
      "settings daily cap: At most 20.",
    ]);
  });

  it("has none for errors that are not answers", () => {
    expect(messageFor(new Error("x"), "/password")).toBeUndefined();
    expect(messageFor(null, "/password")).toBeUndefined();
  });
});
