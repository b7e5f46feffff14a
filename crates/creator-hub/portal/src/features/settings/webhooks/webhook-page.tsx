import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useCan } from "@/api/account";
import type { Webhook } from "@/api/types";
import { webhookQuery } from "@/api/webhooks";
import { EVENT_WORDS } from "@/lib/event-words";
import { useTitle } from "@/ui/page";
import { Failure, NoRight, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { Deliveries } from "./deliveries";
import { WebhookActions } from "./webhook-actions";
import { WebhookBadge, webhookName } from "./webhook-state";

/** Is this program told, and what did it answer? */
export function WebhookPage() {
  useTitle("Webhook");
  return useCan("webhooks") ? <Reading /> : <NoRight needs="admin" />;
}

function Reading() {
  const { id } = useParams({ from: "/inside/settings/webhooks/$id" });
  const webhook = useQuery(webhookQuery(id));
  return (
    <>
      <Link to="/settings/webhooks" className="mb-3 inline-flex items-center gap-1 text-ink-2 hover:text-ink">
        <ChevronLeft size={16} aria-hidden />
        All webhooks
      </Link>
      {webhook.data ? (
        <Known webhook={webhook.data} />
      ) : webhook.isError ? (
        <Failure error={webhook.error} what="this webhook" retry={() => void webhook.refetch()} />
      ) : (
        <SkeletonRows what="the webhook" rows={4} />
      )}
    </>
  );
}

function Known({ webhook }: { webhook: Webhook }) {
  const name = webhookName(webhook);
  useTitle(name);
  return (
    <>
      <section className="mb-10">
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div className="min-w-0">
            <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-base font-semibold">
              <span className="min-w-0 break-words">{name}</span>
              <WebhookBadge webhook={webhook} />
            </h2>
            <p className="mt-0.5 break-all text-ink-2">{webhook.url}</p>
          </div>
          <WebhookActions webhook={webhook} />
        </div>
        <Trouble webhook={webhook} />
        <ToldOf webhook={webhook} />
      </section>
      <Deliveries id={webhook.id} paused={webhook.state === "paused"} />
    </>
  );
}

function Trouble({ webhook: { state, state_reason, failing_since } }: { webhook: Webhook }) {
  if (state === "paused") {
    return (
      <p className="mt-4 max-w-160 rounded-md bg-amber-soft px-3 py-2 text-amber">
        {state_reason} What happens meanwhile waits up to 30 days and is posted when you resume.
      </p>
    );
  }
  if (!failing_since) return null;
  return (
    <p className="mt-4 max-w-160 rounded-md bg-bad-soft px-3 py-2 text-bad">
      Every try has failed since <Time at={failing_since} />. After three days of this it is paused. The
      deliveries below say what the address answered.
    </p>
  );
}

function ToldOf({ webhook: { events, created_at } }: { webhook: Webhook }) {
  return (
    <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
      <dt className="text-ink-3">Told of</dt>
      <dd className="max-w-160">
        {events.length ? (
          <ul>
            {events.map((kind) => (
              <li key={kind}>{EVENT_WORDS[kind]}</li>
            ))}
          </ul>
        ) : (
          "All events, new kinds included"
        )}
      </dd>
      <dt className="text-ink-3">Added</dt>
      <dd>
        <Time at={created_at} />
      </dd>
    </dl>
  );
}
