import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { WebhookDelivery, WebhookDeliveryState } from "@/api/types";
import { useWebhookDeliveries } from "@/api/webhooks";
import { count } from "@/lib/count";
import { EVENT_WORDS, POSTED_WORDS } from "@/lib/event-words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { SelectField } from "@/ui/field";
import { More } from "@/ui/more";
import { Section } from "@/ui/page";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { DeliveryDrawer } from "./delivery-drawer";
import { NextTry } from "./next-try";
import { ReplayFailed } from "./replay-failed";

const FROM = "/inside/settings/webhooks/$id";

/** What was posted to a webhook, the newest first. */
export function Deliveries({ id, paused }: { id: string; paused: boolean }) {
  const { posted, delivery } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: "/settings/webhooks/$id" });
  const deliveries = useWebhookDeliveries(id, posted);
  const [replaying, setReplaying] = useState(false);
  return (
    <Section
      title="Deliveries"
      lead="What was posted in the last 30 days, and what came back."
      action={<Button onClick={() => setReplaying(true)}>Post failed ones again</Button>}
    >
      <div className="mb-4 sm:w-56">
        <SelectField
          label="Show"
          hideLabel
          value={posted ?? ""}
          onChange={(event) =>
            void navigate({
              search: { posted: (event.target.value || undefined) as WebhookDeliveryState | undefined },
              replace: true,
            })
          }
          options={[
            ["", "All deliveries"],
            ...Object.entries(POSTED_WORDS).map(([value, { word }]) => [value, word] as const),
          ]}
        />
      </div>
      {deliveries.isPending ? (
        <SkeletonRows what="the deliveries" rows={4} />
      ) : deliveries.isError && !deliveries.items.length ? (
        <Failure error={deliveries.error} what="the deliveries" retry={() => deliveries.refetch()} />
      ) : deliveries.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {deliveries.items.map((one) => (
              <Row key={one.id} webhook={id} delivery={one} paused={paused} />
            ))}
          </ul>
          <More query={deliveries} what="deliveries" />
        </>
      ) : (
        <Empty title={posted ? "Nothing matches" : "Nothing was posted yet"}>
          {!posted && "The next event appears here. To see one now, send a test event."}
        </Empty>
      )}
      <ReplayFailed id={id} open={replaying} onOpenChange={setReplaying} />
      <DeliveryDrawer
        webhook={id}
        delivery={delivery}
        paused={paused}
        onClose={() =>
          void navigate({ search: (before) => ({ ...before, delivery: undefined }), resetScroll: false })
        }
      />
    </Section>
  );
}

function Row({ webhook, delivery, paused }: { webhook: string; delivery: WebhookDelivery; paused: boolean }) {
  const { id, type, state, attempts, occurred_at, next_attempt_at: next } = delivery;
  const { tone, word } = POSTED_WORDS[state];
  return (
    <li>
      <Link
        to="/settings/webhooks/$id"
        params={{ id: webhook }}
        search={(before) => ({ ...before, delivery: id })}
        resetScroll={false}
        className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5 hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span className="min-w-0 flex-1 basis-60">
          <span className="block break-words">{EVENT_WORDS[type]}</span>
          <code className="block truncate font-mono text-xs text-ink-3">{type}</code>
        </span>
        <span className="text-ink-3">
          {state === "waiting" && attempts > 0 && next && !paused ? (
            <>
              {count(attempts, "try", "tries")}, the next <NextTry at={next} />
            </>
          ) : (
            attempts > 1 && count(attempts, "try", "tries")
          )}
        </span>
        <span className="flex items-center gap-4">
          <Badge tone={tone}>{word}</Badge>
          <span className="text-ink-3 sm:w-32 sm:text-right">
            <Time at={occurred_at} />
          </span>
        </span>
      </Link>
    </li>
  );
}
