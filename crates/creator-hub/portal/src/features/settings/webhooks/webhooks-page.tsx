import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "@/api/account";
import type { Webhook } from "@/api/types";
import { useWebhooks } from "@/api/webhooks";
import { eventsWords } from "@/lib/event-words";
import { Button } from "@/ui/button";
import { More } from "@/ui/more";
import { Section, useTitle } from "@/ui/page";
import { Empty, Failure, NoRight, SkeletonRows } from "@/ui/states";
import { NewWebhook } from "./new-webhook";
import { WebhookBadge, webhookName } from "./webhook-state";

export function WebhooksPage() {
  useTitle("Webhooks");
  return useCan("webhooks") ? <Webhooks /> : <NoRight needs="admin" />;
}

function Webhooks() {
  const webhooks = useWebhooks();
  const [making, setMaking] = useState(false);
  return (
    <Section
      title="Webhooks"
      lead="Other programs are told what happens here, moments after it happened."
      action={<Button onClick={() => setMaking(true)}>New webhook</Button>}
    >
      {webhooks.isPending ? (
        <SkeletonRows what="your webhooks" rows={2} />
      ) : webhooks.isError && !webhooks.items.length ? (
        <Failure error={webhooks.error} what="your webhooks" retry={() => webhooks.refetch()} />
      ) : webhooks.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {webhooks.items.map((webhook) => (
              <Row key={webhook.id} webhook={webhook} />
            ))}
          </ul>
          <More query={webhooks} what="webhooks" />
        </>
      ) : (
        <Empty title="No webhook">
          A webhook tells a program of yours at once when a client writes, asks for a person or agrees to
          check-ins: your calendar, your list of members, your own software. Give us its address. Every event
          is posted there, signed, and tried again for a day when nobody answers.
        </Empty>
      )}
      <NewWebhook open={making} onOpenChange={setMaking} />
    </Section>
  );
}

function Row({ webhook }: { webhook: Webhook }) {
  return (
    <li>
      <Link
        to="/settings/webhooks/$id"
        params={{ id: webhook.id }}
        className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3 hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span className="min-w-0 flex-1 basis-60">
          <span className="block truncate font-medium">{webhookName(webhook)}</span>
          <span className="block truncate text-ink-3">{webhook.url}</span>
        </span>
        <span className="text-ink-3">{eventsWords(webhook.events)}</span>
        <WebhookBadge webhook={webhook} />
      </Link>
    </li>
  );
}
