import { useQuery } from "@tanstack/react-query";
import type { WebhookAttempt, WebhookDeliveryDetail } from "@/api/types";
import { useReplay, webhookDeliveryQuery } from "@/api/webhooks";
import { after } from "@/lib/after";
import { format } from "@/lib/count";
import { EVENT_WORDS, POSTED_WORDS } from "@/lib/event-words";
import { exact } from "@/lib/time";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { notifyFailure } from "@/ui/notify-failure";
import { Failure, SkeletonRows } from "@/ui/states";
import { notify } from "@/ui/toast";
import { NextTry } from "./next-try";

interface DeliveryDrawerProps {
  webhook: string;
  /** The delivery that is open. */
  delivery: string | undefined;
  /** The webhook is: what waits is not tried. */
  paused: boolean;
  onClose: () => void;
}

/** One delivery: what came back at each try, and what was sent. */
export function DeliveryDrawer({ webhook, delivery, paused, onClose }: DeliveryDrawerProps) {
  return (
    <Dialog
      open={delivery !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title="Delivery"
      shape="side"
    >
      {delivery && <Reading webhook={webhook} delivery={delivery} paused={paused} />}
    </Dialog>
  );
}

function Reading({ webhook, delivery, paused }: { webhook: string; delivery: string; paused: boolean }) {
  const detail = useQuery(webhookDeliveryQuery(webhook, delivery));
  if (detail.data) return <Known webhook={webhook} detail={detail.data} paused={paused} />;
  if (detail.isError) {
    return <Failure error={detail.error} what="this delivery" retry={() => void detail.refetch()} />;
  }
  return <SkeletonRows what="the delivery" rows={3} />;
}

function Known({
  webhook,
  detail,
  paused,
}: {
  webhook: string;
  detail: WebhookDeliveryDetail;
  paused: boolean;
}) {
  const { delivery, payload, tries } = detail;
  const { tone, word } = POSTED_WORDS[delivery.state];
  const next = delivery.state === "waiting" && !paused ? delivery.next_attempt_at : null;
  const replay = useReplay(webhook);
  return (
    <div className="flex flex-col gap-6">
      <div>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium">{EVENT_WORDS[delivery.type]}</span>
          <Badge tone={tone}>{word}</Badge>
        </p>
        <p className="mt-0.5 text-ink-3">
          Happened <time dateTime={delivery.occurred_at}>{exact(delivery.occurred_at)}</time>
          {next && tries.length > 0 && (
            <>
              {" "}
              · tried again <NextTry at={next} />
            </>
          )}
        </p>
        <Button
          className="mt-3"
          disabled={delivery.state === "waiting" && !tries.length}
          busy={replay.isPending && "Posting"}
          onClick={() =>
            after(
              replay.mutateAsync(delivery.id),
              () => notify("It is being posted again, with the same event id."),
              notifyFailure,
            )
          }
        >
          Post it again
        </Button>
      </div>
      <section>
        <h3 className="mb-2 font-semibold">Tries</h3>
        {tries.length ? (
          <ul className="divide-y divide-line border-y border-line">
            {tries.map((attempt) => (
              <Try key={attempt.at} attempt={attempt} />
            ))}
          </ul>
        ) : (
          <p className="text-ink-2" role="status">
            {paused ? "Not tried yet: the webhook is paused." : "Not tried yet. This changes by itself."}
          </p>
        )}
      </section>
      <section>
        <div className="mb-2 flex items-center justify-between gap-3">
          <h3 className="font-semibold">What we post</h3>
          <CopyButton text={payload} what="the body" />
        </div>
        <Code label="The body of the request">{pretty(payload)}</Code>
      </section>
    </div>
  );
}

function Try({ attempt: { at, status, milliseconds, answer, error } }: { attempt: WebhookAttempt }) {
  return (
    <li className="py-2.5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={error ? "bad" : "good"}>{status ?? "No answer"}</Badge>
        <time dateTime={at}>{exact(at)}</time>
        <span className="text-ink-3">{format(milliseconds)} ms</span>
      </p>
      {error && <p className="mt-1 break-words text-bad">{error}</p>}
      {answer && <Code label="The beginning of the answer">{answer}</Code>}
    </li>
  );
}

/** Text as it came, which may be wide: it scrolls by itself, by keyboard too. */
function Code({ label, children }: { label: string; children: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse.
      tabIndex={0}
      className="mt-2 max-h-80 overflow-auto rounded-md border border-line bg-sunken px-3 py-2"
    >
      <pre className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{children}</pre>
    </section>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
