import { Link } from "@tanstack/react-router";
import { useUndelivered } from "@/api/messengers";
import type { Delivery } from "@/api/types";
import { count } from "@/lib/count";
import { deliveryOf } from "@/lib/delivery";
import { Badge } from "@/ui/badge";
import { More } from "@/ui/more";
import { Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";

const PURPOSES: Record<Delivery["purpose"], string> = {
  reply: "Coxswain's answer",
  coach: "Your team's reply",
  notice: "A note that nobody answers there",
  nudge: "Check-in",
  campaign: "Campaign",
};

/** Messages that did not reach their client, each with the reason. */
export function Undelivered({ id }: { id: string }) {
  const deliveries = useUndelivered(id);
  if (deliveries.isPending) return <SkeletonRows what="what was not delivered" rows={3} />;
  if (deliveries.isError && !deliveries.items.length) {
    return (
      <Failure
        error={deliveries.error}
        what="what was not delivered"
        retry={() => void deliveries.refetch()}
      />
    );
  }
  if (!deliveries.items.length)
    return <p className="py-4 text-ink-2">Everything that was sent has arrived.</p>;
  return (
    <>
      <ul className="divide-y divide-line border-b border-line">
        {deliveries.items.map((delivery) => (
          <Row key={delivery.id} delivery={delivery} />
        ))}
      </ul>
      <More query={deliveries} what="messages" />
    </>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  const { client, purpose, text, attempts, created_at, settled_at, conversation_id } = delivery;
  const { tone, word, reason } = deliveryOf(delivery);
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          to="/inbox"
          search={{ conversation: conversation_id }}
          className="max-w-full truncate font-medium hover:underline"
        >
          {client?.display_name ?? "A client who is gone"}
        </Link>
        <Badge tone={tone}>{word}</Badge>
        <span className="text-ink-3">
          {PURPOSES[purpose]}, <Time at={settled_at ?? created_at} />
          {attempts > 1 && `, after ${count(attempts, "attempt")}`}
        </span>
      </p>
      {reason && <p className="mt-0.5 break-words">{reason}</p>}
      <p className="mt-0.5 line-clamp-2 break-words text-ink-3">{text}</p>
    </li>
  );
}
