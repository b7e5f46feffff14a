/** The client API's shapes, as the server's OpenAPI document describes them. */

export interface Citation {
  n: number;
  title: string;
  page: number | null;
  heading: string | null;
  start_ms: number | null;
  quote: string;
  url: string | null;
}

export interface Message {
  id: string;
  seq: number;
  author: "client" | "coach" | "engine" | "check_in";
  text: string;
  status: "streaming" | "done" | "cancelled" | "failed";
  abstained: boolean;
  citations: Citation[];
  problem: { code: string; sentence: string } | null;
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
  state: "sending" | "failed";
  /** Seconds to wait, when the server asked for patience. */
  wait?: number;
}
