/**
 * What loader (host page) and panel (our origin) say to each other by `postMessage`.
 * Both sides name the exact target origin and check the exact source origin and window.
 */

/** From the panel to the loader. In the portal's preview only `ready` is said, to the portal. */
export type FromPanel =
  | { type: "ready" }
  | { type: "close" }
  | { type: "unread"; count: number }
  /** A session exists, so the next page view should load the panel at once to show what is unread. */
  | { type: "session"; exists: boolean }
  /** A finished answer, a check-in or a coach's message arrived. Its text stays in the panel. */
  | { type: "message" }
  /** Whether the page's identity token was believed, or that one is needed before anybody can write. */
  | { type: "identity"; state: IdentityState };

/** How far the client is known: as the page says, not yet though they must be, or not believed. */
export type IdentityState = "accepted" | "required" | "refused";

/** From the loader to the panel. */
export type FromLoader =
  | { type: "open"; fullScreen: boolean }
  | { type: "closed" }
  | { type: "layout"; fullScreen: boolean }
  | { type: "locale"; locale: string }
  /** The page says, in a signed token, who its client is. */
  | { type: "identify"; token: string }
  /** The page's client has signed out. */
  | { type: "logout" }
  /** In full screen the keyboard walked past the panel's edge: take it back in. */
  | { type: "focus"; edge: "first" | "last" };

/** What `/w/{key}/config` answers. */
export interface WidgetConfig {
  name: string;
  greeting: string;
  questions: string[];
  accent: string;
  position: "right" | "left";
  theme: "auto" | "light" | "dark";
  locale: string;
  picture_url: string | null;
  check_ins_offered: boolean;
  /** Kinds of file that clients may send; none: they may send no files. */
  attachments: ("image" | "pdf" | "text" | "audio" | "video" | "other")[];
  available: boolean;
  /** Whether the page says who its clients are. */
  identity: "off" | "optional" | "required";
  /** Messengers on which the coach can be reached too. */
  elsewhere: ("telegram" | "whatsapp")[];
}

/** From the portal's form to the panel it shows as a preview; both are on our origin. */
export type FromPortal = { type: "settings"; config: WidgetConfig };

const MARK = "coxswain";

type Said = FromPanel | FromLoader | FromPortal;

/** Wraps a message so that it cannot be mistaken for somebody else's. */
export function seal<T extends Said>(message: T): object {
  return { [MARK]: 1, message };
}

/** The message in an event's data, or null when it is not ours. */
export function unseal<T extends Said>(data: unknown): T | null {
  if (typeof data !== "object" || data === null || !(MARK in data) || !("message" in data)) return null;
  const message = (data as { message: unknown }).message;
  if (typeof message !== "object" || message === null) return null;
  return typeof (message as { type?: unknown }).type === "string" ? (message as T) : null;
}
