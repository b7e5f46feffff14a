import { Link } from "@tanstack/react-router";
import { useCan } from "@/api/account";
import { useChangeCheckIn, useCheckIns } from "@/api/check-ins";
import type { CheckIn } from "@/api/types";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { scheduleWords } from "@/lib/weekdays";
import { buttonClass } from "@/ui/button";
import { More } from "@/ui/more";
import { notifyFailure } from "@/ui/notify-failure";
import { Page } from "@/ui/page";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { Switch } from "@/ui/switch";
import { Time } from "@/ui/time";
import { notify } from "@/ui/toast";
import { CheckInTabs } from "./check-in-tabs";

/** What goes out first, to whom, and when. */
export function CheckInsPage() {
  const checkIns = useCheckIns();
  const mayEdit = useCan("edit_check_ins");
  const write = mayEdit && (
    <Link to="/check-ins/new" className={buttonClass("primary")}>
      Write a check-in
    </Link>
  );
  return (
    <Page
      title="Check-ins"
      lead="Messages you send first: only to clients who agreed, at their own local time."
      action={checkIns.items.length > 0 && write}
    >
      <CheckInTabs />
      {checkIns.isPending ? (
        <SkeletonRows what="your check-ins" rows={3} />
      ) : checkIns.isError && !checkIns.items.length ? (
        <Failure error={checkIns.error} what="your check-ins" retry={() => checkIns.refetch()} />
      ) : checkIns.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {checkIns.items.map((checkIn) => (
              <Row key={checkIn.id} checkIn={checkIn} />
            ))}
          </ul>
          <More query={checkIns} what="check-ins" />
        </>
      ) : (
        <Empty title="No check-in yet" action={write}>
          A check-in is a short message at a fixed time, such as "How did the first hour of your day go?" on
          Monday at nine. A client gets it in the widget after agreeing to it there. Quiet hours and the daily
          cap always hold.
        </Empty>
      )}
    </Page>
  );
}

function Row({ checkIn }: { checkIn: CheckIn }) {
  const mayEdit = useCan("edit_check_ins");
  const change = useChangeCheckIn(checkIn);
  function turn(enabled: boolean) {
    after(
      change.mutateAsync({ enabled }),
      () => notify(enabled ? "The check-in is on." : "The check-in is off: nothing more is sent."),
      notifyFailure,
    );
  }
  return (
    <li className="flex items-center gap-4 py-3">
      <div className="min-w-0 flex-1">
        <Link
          to="/check-ins/$id"
          params={{ id: checkIn.id }}
          className="quoted line-clamp-2 text-base break-words hover:underline"
        >
          {checkIn.text}
        </Link>
        <p className="text-ink-3">
          {scheduleWords(checkIn.weekdays, checkIn.local_time)}, the client's time ·{" "}
          {count(checkIn.clients, "client")} agreed
          {checkIn.enabled && checkIn.next_due_at && (
            <>
              {" · next "}
              <Time at={checkIn.next_due_at} />
            </>
          )}
        </p>
      </div>
      <Switch
        checked={change.isPending ? Boolean(change.variables.enabled) : checkIn.enabled}
        onChange={turn}
        disabled={!mayEdit || change.isPending}
        label={`Send: ${checkIn.text.slice(0, 60)}`}
      />
    </li>
  );
}
