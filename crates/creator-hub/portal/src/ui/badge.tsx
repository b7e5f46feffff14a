import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

export type Tone = "plain" | "accent" | "amber" | "good" | "bad";

const TONES: Record<Tone, string> = {
  plain: "bg-hover text-ink-2",
  accent: "bg-accent-soft text-accent",
  amber: "bg-amber-soft text-amber",
  good: "bg-good-soft text-good",
  bad: "bg-bad-soft text-bad",
};

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={cx(
        "inline-flex h-5 items-center rounded-sm px-1.5 text-xs font-medium whitespace-nowrap",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

const DOTS: Record<Tone, string> = {
  plain: "bg-edge",
  accent: "bg-accent",
  amber: "bg-signal",
  good: "bg-good",
  bad: "bg-bad",
};

/** A dot of colour beside words that say the same. */
export function Dot({ tone }: { tone: Tone }) {
  return <span aria-hidden className={cx("inline-block size-2 shrink-0 rounded-full", DOTS[tone])} />;
}

/** How far along; `null` when the whole is not known yet. */
export function Progress({ value, label }: { value: number | null; label: string }) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
      className="h-1 w-full overflow-hidden rounded-full bg-hover"
    >
      <div
        className={cx(
          "h-full rounded-full bg-accent transition-[width] duration-150",
          percent === null && "w-1/3 animate-breathe",
        )}
        style={percent === null ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
