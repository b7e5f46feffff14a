import { useEffect, useRef, useState } from "react";
import { useMe } from "@/api/account";
import { useAllChannels } from "@/api/messengers";
import type { InboxSearch } from "@/app/search";
import { channelName } from "@/ui/channel";
import { SelectField } from "@/ui/field";

/** Long enough that a word is not searched for letter by letter. */
const PAUSE_MS = 250;

const STATES = [
  ["", "Open"],
  ["waiting", "Waiting for a person"],
  ["human", "A person answers"],
  ["engine", "Coxswain answers"],
  ["closed", "Closed"],
] as const;

interface InboxFiltersProps {
  search: InboxSearch;
  onChange: (part: InboxSearch) => void;
}

export function InboxFilters({ search, onChange }: InboxFiltersProps) {
  const { member } = useMe();
  const channels = useAllChannels();
  return (
    <header className="flex flex-col gap-2 border-b border-line px-4 pt-5 pb-3">
      <h1 className="page-title">Inbox</h1>
      <SearchBox q={search.q} onChange={(q) => onChange({ q })} />
      <div className="grid grid-cols-2 gap-2">
        <SelectField
          label="State"
          hideLabel
          className="truncate"
          value={search.state ?? ""}
          onChange={({ target }) => onChange({ state: (target.value || undefined) as InboxSearch["state"] })}
          options={STATES}
        />
        <SelectField
          label="Assigned to"
          hideLabel
          className="truncate"
          value={search.assigned_to ?? ""}
          onChange={({ target }) => onChange({ assigned_to: target.value || undefined })}
          options={[
            ["", "For anyone"],
            [member.id, "For me"],
            ...(search.assigned_to && search.assigned_to !== member.id
              ? [[search.assigned_to, "For a colleague"] as const]
              : []),
          ]}
        />
        {channels.items.length > 1 && (
          <div className="col-span-2">
            <SelectField
              label="Channel"
              hideLabel
              className="truncate"
              value={search.channel ?? ""}
              onChange={({ target }) => onChange({ channel: target.value || undefined })}
              options={[
                ["", "Every channel"],
                ...channels.items.map(({ id, kind, name }) => [id, `${channelName(kind)}: ${name}`] as const),
              ]}
            />
          </div>
        )}
      </div>
    </header>
  );
}

function SearchBox({ q, onChange }: { q: string | undefined; onChange: (q: string | undefined) => void }) {
  const [typed, setTyped] = useState(q ?? "");
  const change = useRef(onChange);
  change.current = onChange;
  // The address may change without typing: by the back button, or by clearing the filters.
  useEffect(() => setTyped(q ?? ""), [q]);
  useEffect(() => {
    const wanted = typed.trim() || undefined;
    if (wanted === q) return;
    const timer = setTimeout(() => change.current(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, q]);
  return (
    <input
      type="search"
      data-page-search
      aria-label="Search conversations"
      placeholder="Name or words"
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      className="h-9 w-full rounded-md border border-edge bg-raised px-3 text-sm placeholder:text-ink-3 hover:border-ink-3 pointer-coarse:h-11 pointer-coarse:text-base"
    />
  );
}
