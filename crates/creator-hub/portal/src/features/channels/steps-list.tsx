import type { ReactNode } from "react";

/** What to do, in order, where the doing happens somewhere else. */
export function StepsList({ children }: { children: readonly ReactNode[] }) {
  return (
    <ol className="flex flex-col gap-2">
      {children.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list has no identity but its order.
        <li key={index} className="flex gap-3">
          <span
            aria-hidden
            className="flex size-6 shrink-0 items-center justify-center rounded-full border border-edge font-serif text-ink-2"
          >
            {index + 1}
          </span>
          <span className="min-w-0 flex-1 pt-0.5 text-ink-2">{step}</span>
        </li>
      ))}
    </ol>
  );
}
