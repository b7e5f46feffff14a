import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { InboxSearch } from "@/app/search";
import { cx } from "@/lib/cx";
import { useTitle } from "@/ui/page";
import { InboxFilters } from "./inbox-filters";
import { InboxList } from "./inbox-list";
import { Thread } from "./thread";
import { useInboxKeys } from "./use-inbox-keys";
import { useInboxRows } from "./use-inbox-rows";

/** Who is talking now, who waits for a human? */
export function InboxPage() {
  useTitle("Inbox");
  const search = useSearch({ from: "/inside/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const rows = useInboxRows(search);
  const [panel, setPanel] = useState(false);
  const open = search.conversation;
  const change = (part: InboxSearch) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: !("conversation" in part) });
  useInboxKeys({ rows: rows.all, open, onOpen: (conversation) => change({ conversation }) });
  return (
    <div className="flex h-[calc(100dvh-3.5rem-env(safe-area-inset-bottom))] min-h-0 sm:h-dvh">
      <section
        aria-label="Conversations"
        className={cx(
          "min-h-0 w-full flex-col border-line md:flex md:w-76 md:shrink-0 md:border-r xl:w-84",
          open ? "hidden" : "flex",
        )}
      >
        <InboxFilters search={search} onChange={change} />
        <InboxList rows={rows} search={search} onClear={() => void navigate({ search: {} })} />
      </section>
      <section
        aria-label="Conversation"
        className={cx("min-h-0 min-w-0 flex-1 flex-col md:flex", open ? "flex" : "hidden")}
      >
        {open ? (
          <Thread
            key={open}
            id={open}
            panel={panel}
            onPanel={setPanel}
            onBack={() => change({ conversation: undefined })}
          />
        ) : (
          rows.all.length > 0 && <NothingOpen />
        )}
      </section>
    </div>
  );
}

function NothingOpen() {
  return (
    <div className="m-auto max-w-88 px-6 text-center">
      <h2 className="font-serif text-lg font-medium">No conversation is open</h2>
      <p className="mt-1.5 text-ink-2">
        Choose one from the list, or press J for the first. Whoever waits for a person stands on top.
      </p>
    </div>
  );
}
