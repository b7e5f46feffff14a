import type { InboxConversation } from "@/api/types";
import { relative } from "@/lib/time";
import { channelName } from "@/ui/channel";
import { shortName } from "./who";

/** Whether the channel takes no free text any more; one without a window always does. */
export const windowShut = (closesAt: string | null, now = Date.now()): closesAt is string =>
  closesAt !== null && Date.parse(closesAt) <= now;

/** Says it before the member has written, not after. */
export function WindowShut({
  conversation,
  closedAt,
}: {
  conversation: InboxConversation;
  closedAt: string;
}) {
  return (
    <p role="status" className="mb-2 rounded-md bg-amber-soft px-3 py-2 text-amber">
      {channelName(conversation.channel?.kind ?? "whatsapp")} closed its 24-hour window {relative(closedAt)}.
      You can write again as soon as {shortName(conversation.client.display_name)} does; until then only a
      check-in with an approved template reaches them.
    </p>
  );
}
