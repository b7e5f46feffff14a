import type { EventKind, WebhookDeliveryState } from "@/api/types";
import type { Tone } from "@/ui/badge";

/** What each kind of event means, in words that stand alone. */
export const EVENT_WORDS: Record<EventKind, string> = {
  "message.received": "A client writes",
  "message.sent": "Coxswain or your team writes to a client",
  "conversation.human_wanted": "A client asks for a person",
  "conversation.taken_over": "A member takes over",
  "conversation.handed_back": "A member hands back to Coxswain",
  "conversation.closed": "A member closes a conversation",
  "client.created": "Somebody is met for the first time",
  "client.linked": "A channel is linked to a client who has others",
  "client.unlinked": "A channel gets a client of its own again",
  "client.opted_out": "A client wants no unprompted messages on a channel",
  "client.opted_in": "A client allows unprompted messages again",
  "client.consented": "A client agrees to check-ins",
  "client.consent_withdrawn": "A client no longer agrees to check-ins",
  "delivery.accepted": "A messenger takes a message",
  "delivery.delivered": "A message is on the client's device",
  "delivery.read": "A client has seen a message",
  "delivery.failed": "A message does not arrive",
  "program.check_in_sent": "A check-in is sent",
  "program.check_in_held_back": "A check-in is held back, with the reason",
  "feedback.given": "A client judges an answer",
  "gap.recorded": "Your material does not cover a question",
  "webhook.test": "Test event",
};

/** The kinds a webhook can be told of, in the order of the form. A test event is sent when asked for. */
export const EVENT_GROUPS: readonly (readonly [string, readonly EventKind[]])[] = [
  ["Messages", ["message.received", "message.sent"]],
  [
    "Conversations",
    [
      "conversation.human_wanted",
      "conversation.taken_over",
      "conversation.handed_back",
      "conversation.closed",
    ],
  ],
  [
    "Clients",
    [
      "client.created",
      "client.linked",
      "client.unlinked",
      "client.opted_out",
      "client.opted_in",
      "client.consented",
      "client.consent_withdrawn",
    ],
  ],
  ["On messengers", ["delivery.accepted", "delivery.delivered", "delivery.read", "delivery.failed"]],
  ["Check-ins", ["program.check_in_sent", "program.check_in_held_back"]],
  ["Answers", ["feedback.given", "gap.recorded"]],
];

export const POSTED_WORDS: Record<WebhookDeliveryState, { tone: Tone; word: string }> = {
  waiting: { tone: "plain", word: "Waiting" },
  delivered: { tone: "good", word: "Delivered" },
  failed: { tone: "bad", word: "Failed" },
};

/** "All events", or how many kinds of how many. */
export function eventsWords(events: readonly EventKind[]): string {
  if (!events.length) return "All events";
  const only = events[0];
  if (events.length === 1 && only) return EVENT_WORDS[only];
  return `${events.length} kinds of events`;
}
