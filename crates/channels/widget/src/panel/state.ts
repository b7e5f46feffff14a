import { type FilesState, NO_FILES } from "./files";
import type { Health } from "./sse";
import type { Message, Pending, Presence } from "./types";

/** Everything the panel shows, replaced as a whole on each change. */
export interface ChatState {
  phase: "loading" | "ready" | "failed";
  messages: Message[];
  pending: Pending[];
  before: string | null;
  checkIns: boolean;
  health: Health;
  online: boolean;
  /** A session the server no longer knew was replaced by a new one. */
  expired: boolean;
  /** The newest message that became final while we watched, for the live region. */
  finished: Message | null;
  /** Who answers now. */
  presence: Presence;
  /** The client's files that are not in a message yet. */
  files: FilesState;
  /** What the client thinks of messages, by their ids. */
  feedback: Readonly<Record<string, boolean>>;
  /** There is a session, or the page has said who the client is: they can write. */
  known: boolean;
  /** The client has to sign in on the page, or the page's word for them was not believed. */
  barred: "required" | "refused" | null;
}

/** As long as nobody has taken over. */
export const ALONE: Presence = { human: false, human_wanted: false, writing: false };

/** Before anything was loaded or said. */
export const BEGINNING: ChatState = {
  phase: "loading",
  messages: [],
  pending: [],
  before: null,
  checkIns: false,
  health: "up",
  online: true,
  expired: false,
  finished: null,
  presence: ALONE,
  files: NO_FILES,
  feedback: {},
  known: false,
  barred: null,
};
