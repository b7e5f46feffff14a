import type { Channel } from "@/api/types";
import type { Tone } from "@/ui/badge";

export interface ChannelState {
  tone: Tone;
  word: string;
}

const STATES = {
  connected: { tone: "good", word: "Works" },
  paused: { tone: "amber", word: "Paused" },
  revoked: { tone: "bad", word: "Needs a new token" },
} as const satisfies Record<NonNullable<Channel["connection"]>["state"], ChannelState>;

/** Whether messages flow. Switched off is a choice, so it says that and not what the provider thinks. */
export function channelState({ enabled, connection }: Pick<Channel, "enabled" | "connection">): ChannelState {
  if (!enabled) return { tone: "plain", word: "Off" };
  return connection ? STATES[connection.state] : { tone: "good", word: "On" };
}

/** A bot goes by its user name, a number by itself. */
export const handleOf = ({ kind, connection }: Pick<Channel, "kind" | "connection">): string => {
  if (!connection) return "";
  const { handle } = connection;
  return kind === "telegram" && !handle.startsWith("@") ? `@${handle}` : handle;
};
