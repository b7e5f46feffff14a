import { useState } from "react";
import { useArrival, useArrivals, useReplay } from "@/api/messengers";
import type { Arrival } from "@/api/types";
import { after } from "@/lib/after";
import { bytes } from "@/lib/count";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { More } from "@/ui/more";
import { notifyFailure } from "@/ui/notify-failure";
import { Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { notify } from "@/ui/toast";
import { pretty } from "./pretty";

interface UnreadableProps {
  id: string;
  mayReplay: boolean;
}

/** What arrived and no sense could be made of, or that broke while it was handled. */
export function Unreadable({ id, mayReplay }: UnreadableProps) {
  const unreadable = useArrivals(id, "unreadable");
  const failed = useArrivals(id, "failed");
  const [open, setOpen] = useState<Arrival | null>(null);
  const items = [...failed.items, ...unreadable.items].sort(
    (a, b) => Date.parse(b.received_at) - Date.parse(a.received_at),
  );
  const error = unreadable.error ?? failed.error;
  if (unreadable.isPending || failed.isPending) return <SkeletonRows what="what arrived" rows={3} />;
  if (error && !items.length) {
    return (
      <Failure
        error={error}
        what="what arrived"
        retry={() => void Promise.all([unreadable.refetch(), failed.refetch()])}
      />
    );
  }
  if (!items.length) return <p className="py-4 text-ink-2">Everything that arrived was understood.</p>;
  return (
    <>
      <ul className="divide-y divide-line border-b border-line">
        {items.map((arrival) => (
          <Row key={arrival.id} arrival={arrival} channel={id} mayReplay={mayReplay} onOpen={setOpen} />
        ))}
      </ul>
      <More query={unreadable.hasNextPage ? unreadable : failed} what="arrivals" />
      <Dialog open={open !== null} onOpenChange={() => setOpen(null)} title="As it came" shape="side">
        {open && <Bytes channel={id} arrival={open} />}
      </Dialog>
    </>
  );
}

interface RowProps {
  arrival: Arrival;
  channel: string;
  mayReplay: boolean;
  onOpen: (arrival: Arrival) => void;
}

function Row({ arrival, channel, mayReplay, onOpen }: RowProps) {
  const replay = useReplay(channel);
  const { state, sender, problem, received_at, bytes: size } = arrival;
  function readAgain() {
    after(replay.mutateAsync(arrival.id), () => notify("It is being read again."), notifyFailure);
  }
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Badge tone={state === "failed" ? "bad" : "amber"}>
            {state === "failed" ? "Broke off" : "Not understood"}
          </Badge>
          <span className="text-ink-3">
            <Time at={received_at} />, {bytes(size)}
            {sender && `, from ${sender}`}
          </span>
        </p>
        <p className="mt-0.5 break-words">{problem ?? "Nobody said why."}</p>
      </div>
      <span className="flex gap-2">
        <Button small onClick={() => onOpen(arrival)}>
          Show the bytes
        </Button>
        {mayReplay && (
          <Button small busy={replay.isPending && "Asking"} onClick={readAgain}>
            Read it again
          </Button>
        )}
      </span>
    </li>
  );
}

/** All of it, set out where it is JSON; copied exactly as it came. */
function Bytes({ channel, arrival }: { channel: string; arrival: Arrival }) {
  const whole = useArrival(channel, arrival.id);
  const raw = whole.data?.raw ?? arrival.raw;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-ink-2">{arrival.problem}</p>
      {whole.isError && (
        <Failure error={whole.error} what="the rest of it" retry={() => void whole.refetch()} />
      )}
      <section
        aria-label="Raw bytes"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-[65dvh] w-full overflow-auto rounded-md border border-line bg-sunken p-3"
      >
        <pre className="font-mono text-xs leading-5 break-all whitespace-pre-wrap">{pretty(raw)}</pre>
      </section>
      <CopyButton text={raw} label="Copy" what="the bytes as they came" />
    </div>
  );
}
