import type { DeliveryMark, DeliveryState } from "@/api/types";
import type { Tone } from "@/ui/badge";

export interface DeliveryView {
  tone: Tone;
  /** One or two words beside the message. */
  word: string;
  /** Why it went no further, for people to read. */
  reason: string | null;
}

const WORDS: Record<DeliveryState, { tone: Tone; word: string }> = {
  queued: { tone: "plain", word: "Waiting to be sent" },
  sending: { tone: "plain", word: "Being sent" },
  unknown: { tone: "amber", word: "Not known whether it arrived" },
  accepted: { tone: "plain", word: "Sent" },
  sent: { tone: "plain", word: "Sent" },
  delivered: { tone: "plain", word: "Delivered" },
  read: { tone: "accent", word: "Read" },
  failed: { tone: "bad", word: "Not delivered" },
  withheld: { tone: "amber", word: "Held back" },
};

/** How far a message has come on its way to the client's device. */
export function deliveryOf({
  state,
  code,
  detail,
}: Pick<DeliveryMark, "state" | "code" | "detail">): DeliveryView {
  const { tone, word } = WORDS[state];
  const stuck = state === "failed" || state === "withheld" || state === "unknown";
  const reason = stuck ? [detail, code && `(code ${code})`].filter(Boolean).join(" ") : "";
  return { tone, word, reason: reason || null };
}
