import type { Chat } from "./chat";
import type { FileShelf } from "./files";

/** What the panel draws and tells to do: the conversation itself, or the preview's stand-in. */
export type Talk = Pick<
  Chat,
  | "state"
  | "subscribe"
  | "load"
  | "earlier"
  | "send"
  | "resend"
  | "drop"
  | "cancel"
  | "consent"
  | "rate"
  | "wantHuman"
  | "linkCode"
  | "link"
  | "transcript"
> & { files: FileShelf };
