import type { Webhook } from "@/api/types";
import { Badge } from "@/ui/badge";

/** What the team calls it, or else where it leads. */
export function webhookName({ description, url }: Pick<Webhook, "description" | "url">): string {
  return description || new URL(url).host;
}

export function WebhookBadge({ webhook }: { webhook: Pick<Webhook, "state" | "failing_since"> }) {
  if (webhook.state === "paused") return <Badge tone="amber">Paused</Badge>;
  if (webhook.failing_since) return <Badge tone="bad">Failing</Badge>;
  return <Badge tone="good">On</Badge>;
}
