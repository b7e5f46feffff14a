import { Hand, UserRound, Waves } from "lucide-react";
import type { ReactNode } from "react";
import { useCan, useMe } from "@/api/account";
import { useInboxAct } from "@/api/inbox";
import type { InboxConversation } from "@/api/types";
import { after } from "@/lib/after";
import { cx } from "@/lib/cx";
import { useHotkeys } from "@/lib/hotkeys";
import { relative } from "@/lib/time";
import { Button } from "@/ui/button";
import { notifyFailure } from "@/ui/notify-failure";
import { shortName, type Who, whoAnswers } from "./who";

const LOOK: Record<Who["is"], string> = {
  engine: "bg-sunken text-ink",
  waiting: "bg-amber-soft text-amber",
  you: "bg-accent text-on-accent",
  colleague: "bg-accent-soft text-accent",
  closed: "bg-sunken text-ink-2",
};

const ICON = { engine: Waves, waiting: Hand, you: UserRound, colleague: UserRound, closed: null } as const;

/** Who writes the next answer, in one line that cannot be mistaken, and the way to change it. */
export function HandlerBar({ conversation }: { conversation: InboxConversation }) {
  const { member } = useMe();
  const mayAnswer = useCan("answer");
  const act = useInboxAct(conversation.id);
  const who = whoAnswers(conversation, member.id);
  const change = (wanted: "take-over" | "hand-back" | "reopen") => {
    if (act.isPending) return;
    after(act.mutateAsync(wanted), () => {}, notifyFailure);
  };
  useHotkeys({
    t: () => {
      if (!mayAnswer || who.is === "closed") return;
      change(who.is === "you" ? "hand-back" : "take-over");
    },
  });
  return (
    <HandlerLine who={who} client={shortName(conversation.client.display_name)}>
      {mayAnswer && <Change who={who} busy={act.isPending ? act.variables : undefined} onChange={change} />}
    </HandlerLine>
  );
}

/** The line itself, said by a screen reader whenever it changes. */
export function HandlerLine({ who, client, children }: { who: Who; client: string; children?: ReactNode }) {
  const Icon = ICON[who.is];
  return (
    <div
      className={cx(
        "flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line px-4 py-1.5 md:px-6",
        LOOK[who.is],
      )}
    >
      {Icon && <Icon size={18} aria-hidden className="shrink-0" />}
      <p role="status" className="min-w-0 flex-1 basis-40">
        {sentence(who, client)}
      </p>
      {children && <span className="flex gap-2">{children}</span>}
    </div>
  );
}

function sentence(who: Who, client: string): ReactNode {
  switch (who.is) {
    case "engine":
      return (
        <>
          <strong className="font-semibold">Coxswain answers</strong> from your material.
        </>
      );
    case "waiting":
      return (
        <>
          <strong className="font-semibold">{client} waits for a person</strong>, asked {relative(who.since)}.
        </>
      );
    case "you":
      return (
        <>
          <strong className="font-semibold">You answer.</strong> Coxswain is silent until you hand back.
        </>
      );
    case "colleague":
      return (
        <>
          <strong className="font-semibold">{who.name} answers.</strong> Coxswain is silent.
        </>
      );
    case "closed":
      return (
        <>
          Closed {relative(who.since)}. It opens again when {client} writes.
        </>
      );
  }
}

interface ChangeProps {
  who: Who;
  busy: string | undefined;
  onChange: (wanted: "take-over" | "hand-back" | "reopen") => void;
}

function Change({ who, busy, onChange }: ChangeProps) {
  if (who.is === "closed") {
    return (
      <Button small busy={busy && "Opening"} onClick={() => onChange("reopen")}>
        Open it again
      </Button>
    );
  }
  return (
    <>
      {who.is !== "you" && (
        <Button
          small
          variant={who.is === "colleague" ? "plain" : "primary"}
          busy={busy === "take-over" && "Taking over"}
          onClick={() => onChange("take-over")}
          aria-keyshortcuts="T"
          title="Take over (T)"
        >
          Take over
        </Button>
      )}
      {(who.is === "you" || who.is === "colleague") && (
        <Button
          small
          busy={busy === "hand-back" && "Handing back"}
          onClick={() => onChange("hand-back")}
          title={who.is === "you" ? "Hand back (T)" : undefined}
        >
          Hand back
        </Button>
      )}
    </>
  );
}
