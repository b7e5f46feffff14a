import { useWaitingCount } from "@/api/inbox";
import { cx } from "@/lib/cx";

/**
 * How many clients wait for a person. `corner` puts it on the sign itself; the rail does that only
 * while it shows signs alone.
 */
export function Waiting({ corner }: { corner?: boolean }) {
  const waiting = useWaitingCount();
  if (!waiting) return null;
  return (
    <span
      className={cx(
        "flex h-5 min-w-5 items-center justify-center rounded-full bg-amber px-1.5 text-xs font-semibold text-paper tabular",
        corner
          ? "absolute -top-2 left-3"
          : "absolute top-0 left-6 lg:static lg:ml-auto lg:bg-amber-soft lg:text-amber",
      )}
    >
      {waiting}
      <span className="sr-only"> waiting for a person</span>
    </span>
  );
}
