import { StickyNote } from "lucide-react";
import type { Citation, InboxMessage, Note } from "@/api/types";
import { placeOf } from "@/features/chat/place";
import { cx } from "@/lib/cx";
import { pieces } from "@/lib/quote";
import { exact } from "@/lib/time";
import { Badge } from "@/ui/badge";
import { Attachments } from "./attachments";
import { besideFiles } from "./files";
import { Mark } from "./mark";

interface MessageEntryProps {
  message: InboxMessage;
  /** Whether to say who wrote it; the line right above may have said so already. */
  named: boolean;
  client: string;
  onSource: (citations: readonly Citation[], n: number) => void;
}

const LOOK: Record<InboxMessage["author"], string> = {
  client: "rounded-bl-sm bg-hover",
  engine: "rounded-br-sm border border-line bg-raised",
  check_in: "rounded-br-sm border border-line bg-raised",
  coach: "rounded-br-sm bg-accent-soft",
};

/** One message: the client's at the start, ours at the end, a person's own words in colour. */
export function MessageEntry({ message, named, client, onSource }: MessageEntryProps) {
  const theirs = message.author === "client";
  const { attachments } = message;
  const words = besideFiles(message.text, attachments);
  return (
    <article
      aria-label={`${authorOf(message, client)}, ${exact(message.created_at)}`}
      className={cx(
        "flex max-w-[min(85%,34rem)] flex-col gap-1",
        theirs ? "self-start" : "items-end self-end",
      )}
    >
      {!theirs && named && <p className="text-xs font-medium text-ink-2">{authorOf(message, client)}</p>}
      {attachments.length > 0 && <Attachments attachments={attachments} />}
      {(words || attachments.length === 0) && (
        <div className={cx("max-w-full rounded-md px-3.5 py-2 text-base", LOOK[message.author])}>
          <Words message={{ ...message, text: words }} />
          {message.citations.length > 0 && <Sources citations={message.citations} onSource={onSource} />}
        </div>
      )}
      {message.problem && <p className="text-bad">{message.problem.sentence}</p>}
      {message.abstained && (
        <p>
          <Badge tone="amber">Your no-answer message</Badge>
        </p>
      )}
      <p
        className={cx(
          "flex flex-wrap items-center gap-x-2 text-xs text-ink-3",
          !theirs && "justify-end text-right",
        )}
      >
        <time dateTime={message.created_at} title={exact(message.created_at)}>
          {clock(message.created_at)}
        </time>
        {message.delivery && <Mark delivery={message.delivery} />}
      </p>
    </article>
  );
}

function Words({ message }: { message: InboxMessage }) {
  if (!message.text) {
    return (
      <p className="text-ink-3">{message.status === "streaming" ? "Writing" : "Nothing was written."}</p>
    );
  }
  return (
    <p className="break-words whitespace-pre-wrap">
      {pieces(
        message.text,
        message.citations.map(({ n }) => n),
      ).map((piece) =>
        "text" in piece ? (
          piece.text
        ) : (
          <sup key={piece.at} className="px-0.5 text-xs font-semibold text-accent tabular">
            {piece.cite}
          </sup>
        ),
      )}
    </p>
  );
}

export function Sources({
  citations,
  onSource,
}: Pick<MessageEntryProps, "onSource"> & { citations: readonly Citation[] }) {
  return (
    <ul aria-label="Sources" className="mt-2 flex flex-wrap gap-1.5">
      {citations.map((citation) => (
        <li key={citation.n} className="max-w-full">
          <button
            type="button"
            onClick={() => onSource(citations, citation.n)}
            className="flex h-6 max-w-full items-center gap-1.5 rounded-sm border border-edge/60 px-1.5 text-xs transition-colors duration-150 hover:bg-hover pointer-coarse:h-11"
          >
            <span className="font-semibold text-accent tabular">{citation.n}</span>
            <span className="truncate">{citation.title}</span>
            <span className="shrink-0 text-ink-3 tabular">{placeOf(citation)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A note of the team: no client ever sees it, and it must not look as if one could. */
export function NoteEntry({ note }: { note: Note }) {
  return (
    <article
      aria-label={`Note by ${note.member_name}, ${exact(note.created_at)}`}
      className="flex w-full gap-2.5 rounded-md bg-amber-soft px-3.5 py-2"
    >
      <StickyNote size={16} aria-hidden className="mt-0.5 shrink-0 text-amber" />
      <div className="min-w-0 flex-1">
        <p className="break-words whitespace-pre-wrap">{note.text}</p>
        <p className="mt-0.5 text-xs text-amber">
          Note by {note.member_name}, {clock(note.created_at)}. Only your team sees it.
        </p>
      </div>
    </article>
  );
}

function authorOf({ author }: InboxMessage, client: string): string {
  switch (author) {
    case "client":
      return client;
    case "coach":
      return "Your team";
    case "check_in":
      return "Check-in";
    case "engine":
      return "Coxswain";
  }
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clock = (at: string) => TIME.format(Date.parse(at));
