import { useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { asFailure } from "@/api/problem";
import { cx } from "@/lib/cx";
import { Button } from "./button";

/** A grey shape of the size of what is coming. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-breathe rounded-sm bg-hover", className)} />;
}

/** Rows of a list that is being read; says so to a screen reader once. */
export function SkeletonRows({ rows = 6, what }: { rows?: number; what: string }) {
  return (
    <div role="status" className="divide-y divide-line border-y border-line">
      <span className="sr-only">Reading {what}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders never reorder.
        <div key={row} className="flex h-14 items-center gap-4">
          <Skeleton className="h-4 w-2/5" />
          <Skeleton className="ml-auto h-4 w-24" />
          <Skeleton className="hidden h-4 w-16 sm:block" />
        </div>
      ))}
    </div>
  );
}

/** Nothing here yet: what the place is for, and the one thing to do. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="py-10">
      <h2 className="font-serif text-lg font-medium">{title}</h2>
      {children && <div className="mt-1.5 max-w-140 text-ink-2">{children}</div>}
      {action && <div className="mt-5 flex flex-wrap gap-2">{action}</div>}
    </div>
  );
}

/** What happened, what is safe, what to do; with the request id for whoever helps. */
export function Failure({ error, retry, what }: { error: unknown; retry?: () => void; what: string }) {
  const failure = asFailure(error);
  if (failure.status === 403) return <NoRight />;
  const gone = failure.status === 404;
  return (
    <div role="alert" className="py-10">
      <h2 className="font-serif text-lg font-medium">
        {gone ? `We couldn't find ${what}` : `We couldn't read ${what}`}
      </h2>
      <p className="mt-1.5 max-w-140 text-ink-2">
        {gone
          ? "It may have been deleted, or the link is wrong. Everything else is where it was."
          : failure.message}
      </p>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        {retry && !gone && <Button onClick={retry}>Try again</Button>}
        {failure.requestId && (
          <span className="text-xs text-ink-3">
            Request <code className="select-all">{failure.requestId}</code>
          </span>
        )}
      </div>
    </div>
  );
}

/** The page exists, but not for this member's role. */
export function NoRight({ needs }: { needs?: string }) {
  return (
    <div className="py-10">
      <h2 className="font-serif text-lg font-medium">This page isn't open to your role</h2>
      <p className="mt-1.5 max-w-140 text-ink-2">
        {needs ? `It needs the ${needs} role. ` : ""}Ask an owner of your team if you should have it.
      </p>
    </div>
  );
}

/** The last resort of a route: something on the page itself broke. */
export function Broken({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  return (
    <Failure
      error={error}
      what="this page"
      retry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
