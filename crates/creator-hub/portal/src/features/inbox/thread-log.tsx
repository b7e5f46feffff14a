import { useEffect, useMemo, useRef } from "react";
import type { Citation, InboxMessage, Note } from "@/api/types";
import { More } from "@/ui/more";
import { MessageEntry, NoteEntry } from "./entry";
import { type Entry, timeline } from "./timeline";
import { shortName } from "./who";

interface ThreadLogProps {
  messages: readonly InboxMessage[];
  notes: readonly Note[];
  client: string;
  older: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  onSource: (citations: readonly Citation[], n: number) => void;
}

/** Everything that was said, the newest last. */
export function ThreadLog({ messages, notes, client, older, onSource }: ThreadLogProps) {
  const box = useRef<HTMLDivElement>(null);
  // Follows what is said, unless the reader has scrolled up to read something else.
  const following = useRef(true);
  const entries = useMemo(() => timeline(messages, notes), [messages, notes]);
  const last = messages.at(-1);
  const grown = `${last?.id} ${last?.text.length} ${last?.delivery?.state} ${notes.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: growth is what should scroll.
  useEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [grown]);
  // A reply that grows takes its room from the log: the last words must not go out of sight.
  useEffect(() => {
    const log = box.current;
    if (!log) return;
    const observer = new ResizeObserver(() => {
      if (following.current) log.scrollTop = log.scrollHeight;
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={box}
      role="log"
      aria-label="Conversation"
      // Delivery marks and growing answers change all the time; what was said is announced below.
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={({ currentTarget: log }) => {
        following.current = log.scrollHeight - log.scrollTop - log.clientHeight < 48;
      }}
      className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
    >
      <div className="mx-auto flex w-full max-w-200 flex-col gap-4 px-4 py-5 md:px-6">
        <More query={older} what="earlier messages" />
        {entries.map((entry) => (
          <Line key={keyOf(entry)} entry={entry} client={client} onSource={onSource} />
        ))}
        {!entries.length && <p className="py-10 text-center text-ink-3">Nothing was said yet.</p>}
      </div>
      <p className="sr-only" aria-live="polite">
        {last && last.status !== "streaming" && last.author === "client"
          ? `${shortName(client)}: ${last.text}`
          : ""}
      </p>
    </div>
  );
}

function keyOf(entry: Entry): string {
  switch (entry.kind) {
    case "message":
      return entry.message.id;
    case "note":
      return entry.note.id;
    case "day":
      return entry.day;
  }
}

function Line({ entry, client, onSource }: { entry: Entry } & Pick<ThreadLogProps, "client" | "onSource">) {
  switch (entry.kind) {
    case "message":
      return (
        <MessageEntry message={entry.message} named={!entry.goesOn} client={client} onSource={onSource} />
      );
    case "note":
      return <NoteEntry note={entry.note} />;
    case "day":
      return <Divider>{dayWords(entry.at)}</Divider>;
  }
}

function Divider({ children }: { children: React.ReactNode }) {
  return (
    <p className="flex items-center gap-3 text-xs text-ink-3 before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {children}
    </p>
  );
}

const dayWords = (at: string) =>
  new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  }).format(Date.parse(at));
