import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCheckIns, useDecisions } from "@/api/check-ins";
import type { Decision } from "@/api/types";
import type { DecisionSearch } from "@/app/search";
import { clockIn, exact, readerZone } from "@/lib/time";
import { Badge } from "@/ui/badge";
import { SelectField } from "@/ui/field";
import { More } from "@/ui/more";
import { Page } from "@/ui/page";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { CheckInTabs } from "./check-in-tabs";

const TEXT_SHOWN = 48;

/** Every check-in that came due: sent or held back, and why. */
export function DecisionsPage() {
  const search = useSearch({ from: "/inside/check-ins/decisions" });
  const decisions = useDecisions(search);
  return (
    <Page title="Check-ins" lead="Every message that came due, whether it went out, and the reason.">
      <CheckInTabs />
      <DecisionFilters search={search} />
      {decisions.isPending ? (
        <SkeletonRows what="the decisions" />
      ) : decisions.isError && !decisions.items.length ? (
        <Failure error={decisions.error} what="the decisions" retry={() => decisions.refetch()} />
      ) : decisions.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {decisions.items.map((decision) => (
              <Row key={decision.id} decision={decision} />
            ))}
          </ul>
          <More query={decisions} what="decisions" />
        </>
      ) : (
        <Empty title={search.outcome || search.check_in ? "Nothing matches" : "Nothing has come due yet"}>
          The first time a check-in is due for a client, it appears here with its reason.
        </Empty>
      )}
    </Page>
  );
}

function DecisionFilters({ search }: { search: DecisionSearch }) {
  const navigate = useNavigate({ from: "/check-ins/decisions" });
  const checkIns = useCheckIns();
  const set = (change: DecisionSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <div className="mb-4 grid grid-cols-2 gap-2 sm:flex">
      <SelectField
        label="Check-in"
        hideLabel
        className="truncate sm:w-72"
        value={search.check_in ?? ""}
        onChange={(event) => set({ check_in: event.target.value || undefined })}
        options={[
          ["", "Every check-in"],
          ...checkIns.items.map(
            ({ id, text }) =>
              [id, text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text] as const,
          ),
        ]}
      />
      <SelectField
        label="Outcome"
        hideLabel
        className="sm:w-44"
        value={search.outcome ?? ""}
        onChange={(event) => set({ outcome: (event.target.value || undefined) as DecisionSearch["outcome"] })}
        options={[
          ["", "Sent and held back"],
          ["sent", "Sent"],
          ["held", "Held back"],
        ]}
      />
    </div>
  );
}

function Row({ decision }: { decision: Decision }) {
  const { due_at, client_time_zone: zone } = decision;
  const elsewhere = zone && zone !== readerZone();
  return (
    <li className="grid gap-x-4 gap-y-1 py-3 sm:grid-cols-[10rem_6rem_minmax(0,1fr)] sm:items-baseline">
      <span className="truncate font-medium">{decision.client.display_name}</span>
      <span>
        {decision.outcome === "sent" ? (
          <Badge tone="good">Sent</Badge>
        ) : (
          <Badge tone="amber">Held back</Badge>
        )}
      </span>
      <span className="min-w-0">
        <span className="block break-words">{decision.sentence}</span>
        <span className="text-ink-3">
          Due <time dateTime={due_at}>{exact(due_at)}</time>
          {elsewhere && ` (${clockIn(due_at, zone)} in ${zone})`}
        </span>
      </span>
    </li>
  );
}
