import type { Identity } from "@/api/types";
import { relative } from "@/lib/time";
import type { Tone } from "@/ui/badge";

export interface IdentityState {
  tone: Tone;
  words: string;
}

/** What may be sent to a client on one channel, in words; the most limiting thing first. */
export function identityState(identity: Identity, now = Date.now()): IdentityState {
  const { channel, unreachable_reason, opted_out_at, window_closes_at, last_inbound_at } = identity;
  if (unreachable_reason) return { tone: "bad", words: unreachable_reason };
  if (opted_out_at)
    return { tone: "amber", words: `Wants nothing unprompted since ${relative(opted_out_at, now)}` };
  if (window_closes_at) {
    return Date.parse(window_closes_at) > now
      ? { tone: "good", words: `Window open, closes ${relative(window_closes_at, now)}` }
      : { tone: "amber", words: "Window closed: templates only until they write" };
  }
  // A widget keeps no such moment: they read and write there whenever they look.
  const silent = channel.kind === "widget" ? "On your site, whenever they look" : "Has not written here yet";
  return { tone: "plain", words: last_inbound_at ? `Last wrote ${relative(last_inbound_at, now)}` : silent };
}
