import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { InboxSearch } from "@/app/search";
import { count } from "@/lib/count";
import { Button, buttonClass } from "@/ui/button";
import { More } from "@/ui/more";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { InboxRow } from "./inbox-row";
import type { InboxRows } from "./use-inbox-rows";

interface InboxListProps {
  rows: InboxRows;
  search: InboxSearch;
  onClear: () => void;
}

export function InboxList({ rows, search, onClear }: InboxListProps) {
  const { waiting, others, main } = rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <div className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2" tabIndex={0}>
      {rows.isPending ? (
        <ListSkeleton />
      ) : rows.error && !rows.all.length ? (
        <div className="px-4">
          <Failure error={rows.error} what="the inbox" retry={() => void rows.refetch()} />
        </div>
      ) : rows.all.length ? (
        <>
          {waiting.length > 0 && (
            <Group title={waitingWords(waiting.length, rows.first.hasNextPage)} amber>
              {waiting.map((row) => (
                <InboxRow key={row.id} conversation={row} open={row.id === search.conversation} />
              ))}
            </Group>
          )}
          {rows.first !== main && rows.first.hasNextPage && (
            <div className="px-4 pb-4">
              <More query={rows.first} what="who wait" />
            </div>
          )}
          {others.length > 0 && (
            <Group title={waiting.length ? "Everybody else" : undefined}>
              {others.map((row) => (
                <InboxRow key={row.id} conversation={row} open={row.id === search.conversation} />
              ))}
            </Group>
          )}
          <div className="px-4 pb-6">
            <More query={main} what="conversations" />
          </div>
        </>
      ) : (
        <div className="px-4">
          <Nothing search={search} onClear={onClear} />
        </div>
      )}
    </div>
  );
}

function waitingWords(shown: number, more: boolean): string {
  return more
    ? `More than ${shown} clients wait for a person`
    : `${count(shown, "client waits", "clients wait")} for a person`;
}

function Group({ title, amber, children }: { title?: string; amber?: boolean; children: ReactNode }) {
  return (
    <>
      {title && (
        <h2
          className={
            amber
              ? "border-b border-line bg-amber-soft px-4 py-1.5 text-xs font-semibold text-amber"
              : "border-b border-line bg-sunken px-4 py-1.5 text-xs font-semibold text-ink-2"
          }
        >
          {title}
        </h2>
      )}
      <ul aria-label={title ?? "Conversations"} className="divide-y divide-line border-b border-line">
        {children}
      </ul>
    </>
  );
}

function Nothing({ search, onClear }: { search: InboxSearch; onClear: () => void }) {
  const { conversation: _, ...filters } = search;
  if (Object.values(filters).some(Boolean)) {
    return (
      <Empty title="Nothing matches" action={<Button onClick={onClear}>Show every open conversation</Button>}>
        No conversation fits this search.
      </Empty>
    );
  }
  return (
    <Empty
      title="Nobody has written yet"
      action={
        <Link to="/channels" className={buttonClass("primary")}>
          Connect a channel
        </Link>
      }
    >
      Every conversation with a client appears here, from the widget, Telegram and WhatsApp alike. Coxswain
      answers; you can take over at any moment.
    </Empty>
  );
}

function ListSkeleton() {
  return (
    <div role="status" className="divide-y divide-line border-b border-line">
      <span className="sr-only">Reading the inbox</span>
      {Array.from({ length: 7 }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders never reorder.
        <div key={row} className="flex h-[4.75rem] flex-col justify-center gap-2 px-4">
          <Skeleton className="h-4 w-2/5" />
          <Skeleton className="h-4 w-4/5" />
        </div>
      ))}
    </div>
  );
}
