import { Link } from "@tanstack/react-router";
import { useMe } from "@/api/account";
import type { InboxConversation } from "@/api/types";
import { cx } from "@/lib/cx";
import { Badge, Dot } from "@/ui/badge";
import { ChannelIcon } from "@/ui/channel";
import { Time } from "@/ui/time";
import { shortName, whoAnswers } from "./who";

const PREFIX = { client: "", engine: "Coxswain: ", coach: "Your team: ", check_in: "Check-in: " } as const;

/** One conversation: who, where, what was said last, and who answers. */
export function InboxRow({ conversation, open }: { conversation: InboxConversation; open: boolean }) {
  const { client, channel, last_message: last, updated_at } = conversation;
  return (
    <li>
      <Link
        to="/inbox"
        search={(before) => ({ ...before, conversation: conversation.id })}
        aria-current={open ? "true" : undefined}
        preload={false}
        className={cx(
          "flex min-h-[4.75rem] flex-col justify-center gap-1 border-l-2 py-2.5 pr-4 pl-3.5 focus-visible:-outline-offset-2",
          open ? "border-accent bg-hover" : "border-transparent hover:bg-hover",
        )}
      >
        <span className="flex items-center gap-2">
          {channel && <ChannelIcon kind={channel.kind} size={15} named className="text-ink-3" />}
          <span className="min-w-0 flex-1 truncate font-semibold">{client.display_name}</span>
          <span className="shrink-0 text-xs text-ink-3">
            <Time at={last?.created_at ?? updated_at} />
          </span>
        </span>
        <span className="flex items-center gap-2">
          <span className="min-w-0 flex-1 truncate text-ink-2">
            {last ? `${PREFIX[last.author]}${last.text}` : "Nothing was said yet"}
          </span>
          <WhoBadge conversation={conversation} />
        </span>
      </Link>
    </li>
  );
}

function WhoBadge({ conversation }: { conversation: InboxConversation }) {
  const { member } = useMe();
  const who = whoAnswers(conversation, member.id);
  switch (who.is) {
    case "waiting":
      return (
        <span className="flex shrink-0 items-center gap-1.5 text-xs font-medium text-amber">
          <Dot tone="amber" />
          Waits
        </span>
      );
    case "you":
      return <Badge tone="accent">You</Badge>;
    case "colleague":
      return <Badge tone="accent">{shortName(who.name)}</Badge>;
    case "closed":
      return <Badge>Closed</Badge>;
    case "engine":
      return null;
  }
}
