/** The client API's shapes, as the server's OpenAPI document describes them. */
import type { Refusal } from "./files";

export interface Citation {
  n: number;
  title: string;
  page: number | null;
  heading: string | null;
  start_ms: number | null;
  quote: string;
  url: string | null;
}

export type AttachmentKind = "image" | "pdf" | "text" | "audio" | "video" | "other";

/** A file that a message carries. */
export interface Attachment {
  id: string;
  name: string;
  kind: AttachmentKind;
  mime: string;
  bytes: number;
}

/** A file that is about to be sent. */
export type ChosenFile = Omit<Attachment, "mime">;

export interface Message {
  id: string;
  seq: number;
  author: "client" | "coach" | "engine" | "check_in";
  text: string;
  status: "streaming" | "done" | "cancelled" | "failed";
  abstained: boolean;
  citations: Citation[];
  problem: { code: string; sentence: string } | null;
  /** Absent in events. */
  attachments?: Attachment[];
  created_at: string;
  completed_at: string | null;
}

export interface Session {
  token: string;
  expires_at: string;
  /** The page's own name for the client; null: anonymous. */
  subject: string | null;
}

/** Who answers now. */
export interface Presence {
  /** A person of the coach's side has taken over. */
  human: boolean;
  /** The client waits for a person. */
  human_wanted: boolean;
  /** A person of the coach's side is writing at this moment. */
  writing: boolean;
}

/** A code that ties another channel to the client, and the addresses that hand it over. */
export interface LinkCode {
  code: string;
  links: { kind: "telegram" | "whatsapp"; url: string }[];
}

export interface Conversation {
  conversation_id: string;
  messages: Message[];
  before_cursor: string | null;
  consent: { check_ins: boolean };
  unread: number;
  last_event_id: string | null;
  presence: Presence;
  /** What the client thinks of these messages. */
  feedback: { message_id: string; helpful: boolean }[];
}

/** A message of the client's that the server has not confirmed. */
export interface Pending {
  client_message_id: string;
  text: string;
  files?: ChosenFile[];
  state: "sending" | "failed";
  /** A file that the server did not take, and why: it is left out when the message is sent again. */
  refused?: { name: string; why: Refusal };
  /** Seconds to wait, when the server asked for patience. */
  wait?: number;
}
