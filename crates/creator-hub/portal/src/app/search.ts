import type { InboxState, Stage, WebhookDeliveryState } from "@/api/types";

/** Readers of what stands behind "?" in an address: anything unexpected is left out. */
type Raw = Record<string, unknown>;

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
const flag = (value: unknown): true | undefined => (value === true || value === "true" ? true : undefined);
const whole = (value: unknown): number | undefined => {
  const number = Number(value);
  return value !== undefined && Number.isInteger(number) && number > 0 ? number : undefined;
};
const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((known) => known === value);

const STAGES: readonly Stage[] = ["queued", "parsing", "embedding", "ready", "failed"];

export interface KnowledgeSearch {
  base?: string;
  folder?: string;
  q?: string;
  stage?: Stage;
}

export const knowledge = (raw: Raw): KnowledgeSearch => ({
  base: text(raw.base),
  folder: text(raw.folder),
  q: text(raw.q),
  stage: oneOf(raw.stage, STAGES),
});

export interface DocumentSearch {
  /** The page of a document that has pages, otherwise the number of the part. */
  page?: number;
  version?: string;
  /** What a narrow window shows of the two. */
  view?: "text" | "original";
}

export const documents = (raw: Raw): DocumentSearch => ({
  page: whole(raw.page),
  version: text(raw.version),
  view: oneOf(raw.view, ["text", "original"]),
});

export interface LogInSearch {
  /** Where to go after logging in. */
  back?: string;
  /** The session ended while the portal was open. */
  ended?: true;
}

export const logIns = (raw: Raw): LogInSearch => ({ back: text(raw.back), ended: flag(raw.ended) });

export interface ChatSearch {
  conversation?: string;
}

export const chats = (raw: Raw): ChatSearch => ({ conversation: text(raw.conversation) });

export interface DecisionSearch {
  check_in?: string;
  outcome?: "sent" | "held";
}

export const decisions = (raw: Raw): DecisionSearch => ({
  check_in: text(raw.check_in),
  outcome: oneOf(raw.outcome, ["sent", "held"]),
});

export interface AuditSearch {
  actor?: string;
  action?: string;
}

export const audits = (raw: Raw): AuditSearch => ({ actor: text(raw.actor), action: text(raw.action) });

const INBOX_STATES: readonly InboxState[] = ["waiting", "human", "engine", "closed"];

export interface InboxSearch {
  /** The conversation that is open. */
  conversation?: string;
  state?: InboxState;
  /** Id of a channel account. */
  channel?: string;
  /** Id of a member. */
  assigned_to?: string;
  q?: string;
}

export const inbox = (raw: Raw): InboxSearch => ({
  conversation: text(raw.conversation),
  state: oneOf(raw.state, INBOX_STATES),
  channel: text(raw.channel),
  assigned_to: text(raw.assigned_to),
  q: text(raw.q),
});

export const MESSENGER_VIEWS = ["undelivered", "unreadable"] as const;

export interface MessengerSearch {
  view?: (typeof MESSENGER_VIEWS)[number];
}

/** What is shown below the settings of a messenger account. */
export const messengers = (raw: Raw): MessengerSearch => ({ view: oneOf(raw.view, MESSENGER_VIEWS) });

const POSTED: readonly WebhookDeliveryState[] = ["waiting", "delivered", "failed"];

export interface WebhookSearch {
  /** How far the deliveries that are listed have come. */
  posted?: WebhookDeliveryState;
  /** The delivery that is open. */
  delivery?: string;
}

export const webhooks = (raw: Raw): WebhookSearch => ({
  posted: oneOf(raw.posted, POSTED),
  delivery: text(raw.delivery),
});
