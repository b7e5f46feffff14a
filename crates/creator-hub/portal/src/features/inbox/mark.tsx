import { Check, CheckCheck, CircleAlert, CircleHelp, Clock, type LucideIcon, Pause } from "lucide-react";
import type { DeliveryMark, DeliveryState } from "@/api/types";
import { cx } from "@/lib/cx";
import { deliveryOf } from "@/lib/delivery";
import { exact } from "@/lib/time";

const ICONS: Record<DeliveryState, LucideIcon> = {
  queued: Clock,
  sending: Clock,
  unknown: CircleHelp,
  accepted: Check,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
  withheld: Pause,
};

const INK = {
  plain: "text-ink-3",
  accent: "text-accent",
  amber: "text-amber",
  good: "text-good",
  bad: "text-bad",
} as const;

/** How far a message has come, in a sign and a word; what stopped it, in words. */
export function Mark({ delivery }: { delivery: DeliveryMark }) {
  const { tone, word, reason } = deliveryOf(delivery);
  const Icon = ICONS[delivery.state];
  return (
    <span
      className={cx("inline-flex flex-wrap items-center justify-end gap-1", INK[tone])}
      title={delivery.settled_at ? exact(delivery.settled_at) : undefined}
    >
      <Icon size={14} aria-hidden />
      <span className="font-medium">{word}</span>
      {reason && <span className="break-words">{reason}</span>}
    </span>
  );
}
