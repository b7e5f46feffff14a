import { ChevronLeft, PanelRight } from "lucide-react";
import { useEffect, useRef } from "react";
import { useCan, useMe } from "@/api/account";
import { useAssign, useInboxAct } from "@/api/inbox";
import { useMembers } from "@/api/settings";
import type { InboxConversation } from "@/api/types";
import { after } from "@/lib/after";
import { useMedia } from "@/lib/use-media";
import { IconButton } from "@/ui/button";
import { ChannelIcon, channelName } from "@/ui/channel";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/menu";
import { notifyFailure } from "@/ui/notify-failure";
import { notify } from "@/ui/toast";

interface ThreadHeaderProps {
  conversation: InboxConversation;
  onBack: () => void;
  /** Opens the client's panel; absent where it stands beside. */
  onPanel: (() => void) | undefined;
}

export function ThreadHeader({ conversation, onBack, onPanel }: ThreadHeaderProps) {
  const { client, channel, handler, assigned_to } = conversation;
  const mayAnswer = useCan("answer");
  const heading = useRef<HTMLHeadingElement>(null);
  const alone = !useMedia("(min-width: 48rem)");
  // On a phone the list gives way to the conversation, and with it goes the focus.
  useEffect(() => {
    if (alone) heading.current?.focus({ preventScroll: true });
  }, [alone]);
  return (
    <header className="flex min-h-16 items-center gap-2 border-b border-line py-2 pr-2 pl-2 sm:pr-4 md:pl-6">
      <IconButton label="Back to the list" onClick={onBack} className="md:hidden">
        <ChevronLeft size={20} aria-hidden />
      </IconButton>
      <div className="min-w-0 flex-1">
        <h2
          ref={heading}
          tabIndex={-1}
          className="truncate font-serif text-lg leading-6 font-medium outline-none"
          title={client.display_name}
        >
          {client.display_name}
        </h2>
        <p className="flex items-center gap-1.5 text-xs text-ink-3">
          {channel && (
            <>
              <ChannelIcon kind={channel.kind} size={13} />
              <span className="truncate">
                {channelName(channel.kind)}, {channel.name}
              </span>
            </>
          )}
          {assigned_to && handler === "engine" && <span className="shrink-0">· for {assigned_to.name}</span>}
        </p>
      </div>
      {onPanel && (
        <IconButton label="About this client" onClick={onPanel}>
          <PanelRight size={18} aria-hidden />
        </IconButton>
      )}
      {mayAnswer && <ThreadMenu conversation={conversation} />}
    </header>
  );
}

function ThreadMenu({ conversation }: { conversation: InboxConversation }) {
  const { member } = useMe();
  const mayNameOthers = useCan("team");
  const members = useMembers({ enabled: mayNameOthers });
  const assign = useAssign(conversation.id);
  const act = useInboxAct(conversation.id);
  const others = members.items.filter(({ id, disabled_at }) => id !== member.id && !disabled_at);
  const assigned = conversation.assigned_to?.id;
  function give(id: string | null, name: string) {
    after(
      assign.mutateAsync(id),
      () => notify(id ? `Assigned to ${name}.` : "Assigned to nobody."),
      notifyFailure,
    );
  }
  function close() {
    after(
      act.mutateAsync("close"),
      () =>
        notify("Closed. It opens again when the client writes.", {
          undo: () => after(act.mutateAsync("reopen"), () => {}, notifyFailure),
        }),
      notifyFailure,
    );
  }
  return (
    <Menu label="More for this conversation">
      <MenuLabel>Assign to</MenuLabel>
      <MenuItem disabled={assigned === member.id} onSelect={() => give(member.id, "you")}>
        Me
      </MenuItem>
      {others.map(({ id, name }) => (
        <MenuItem key={id} disabled={assigned === id} onSelect={() => give(id, name)}>
          {name}
        </MenuItem>
      ))}
      <MenuItem disabled={!assigned} onSelect={() => give(null, "")}>
        Nobody
      </MenuItem>
      <MenuLine />
      {conversation.closed_at ? (
        <MenuItem onSelect={() => after(act.mutateAsync("reopen"), () => {}, notifyFailure)}>
          Open it again
        </MenuItem>
      ) : (
        <MenuItem onSelect={close}>Close this conversation</MenuItem>
      )}
    </Menu>
  );
}
