import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useCan } from "@/api/account";
import { useAudit, useMembers } from "@/api/settings";
import type { AuditEntry } from "@/api/types";
import type { AuditSearch } from "@/app/search";
import { detailWords } from "@/lib/plain-value";
import { exact } from "@/lib/time";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { More } from "@/ui/more";
import { Section, useTitle } from "@/ui/page";
import { Empty, Failure, NoRight, SkeletonRows } from "@/ui/states";
import { actionWords } from "./words";

export function AuditPage() {
  useTitle("Audit log");
  return useCan("audit") ? <Audit /> : <NoRight needs="admin" />;
}

function Audit() {
  const search = useSearch({ from: "/inside/settings/audit" });
  const audit = useAudit(search);
  return (
    <Section title="Audit log" lead="Who did what, newest first. Nothing here can be changed.">
      <AuditFilters search={search} />
      {audit.isPending ? (
        <SkeletonRows what="the audit log" />
      ) : audit.isError && !audit.items.length ? (
        <Failure error={audit.error} what="the audit log" retry={() => audit.refetch()} />
      ) : audit.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {audit.items.map((entry) => (
              <Row key={entry.id} entry={entry} />
            ))}
          </ul>
          <More query={audit} what="entries" />
        </>
      ) : (
        <Empty title={search.actor || search.action ? "Nothing matches" : "Nothing yet"} />
      )}
    </Section>
  );
}

function AuditFilters({ search }: { search: AuditSearch }) {
  const navigate = useNavigate({ from: "/settings/audit" });
  const members = useMembers();
  const [action, setAction] = useState(search.action ?? "");
  useEffect(() => setAction(search.action ?? ""), [search.action]);
  const set = (change: AuditSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  function submit(event: FormEvent) {
    event.preventDefault();
    set({ action: action.trim() || undefined });
  }
  return (
    <form onSubmit={submit} className="mb-4 flex flex-wrap items-end gap-2">
      <SelectField
        label="Who"
        className="sm:w-52"
        value={search.actor ?? ""}
        onChange={(event) => set({ actor: event.target.value || undefined })}
        options={[["", "Anybody"], ...members.items.map((member) => [member.id, member.name] as const)]}
      />
      <TextField
        label="What"
        placeholder="document.deleted"
        data-page-search=""
        value={action}
        onChange={(event) => setAction(event.target.value)}
      />
      <Button type="submit">Filter</Button>
      {(search.actor || search.action) && (
        <Button variant="quiet" onClick={() => set({ actor: undefined, action: undefined })}>
          Show everything
        </Button>
      )}
    </form>
  );
}

const ACTORS: Record<AuditEntry["actor"]["kind"], string> = {
  member: "A member",
  api_key: "An API key",
  system: "Coxswain",
  anonymous: "Somebody not logged in",
};

function Row({ entry }: { entry: AuditEntry }) {
  const detail = detailWords(entry.detail ?? {});
  return (
    <li className="grid gap-x-4 py-2.5 sm:grid-cols-[11rem_minmax(0,1fr)_auto]">
      <span className="truncate">{entry.actor.name ?? ACTORS[entry.actor.kind]}</span>
      <span className="min-w-0">
        <span title={entry.action}>{actionWords(entry.action)}</span>
        {entry.subject && (
          <span className="block truncate text-ink-3 sm:ml-1.5 sm:inline">{entry.subject}</span>
        )}
        {detail && <span className="block break-words text-ink-3">{detail}</span>}
      </span>
      <time dateTime={entry.at} className="text-ink-3">
        {exact(entry.at)}
      </time>
    </li>
  );
}
