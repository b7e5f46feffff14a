import { type ReactNode, useEffect } from "react";
import { cx } from "@/lib/cx";

interface PageProps {
  title: string;
  /** Under the title: the question the page answers, or what is on it. */
  lead?: ReactNode;
  /** The one primary action, and at most a quiet one beside it. */
  action?: ReactNode;
  /** "form" caps the content at reading width, "full" takes the window. */
  width?: "page" | "form" | "full";
  above?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, action, width = "page", above, children }: PageProps) {
  useTitle(title);
  return (
    <div
      className={cx(
        "mx-auto w-full px-4 pt-6 pb-24 sm:px-8 sm:pt-8 sm:pb-12",
        width === "full" ? "max-w-none" : "max-w-280",
      )}
    >
      {above}
      <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 max-w-full">
          <h1 className="page-title line-clamp-3 break-words" title={title}>
            {title}
          </h1>
          {lead && <p className="mt-1 max-w-160 text-ink-2">{lead}</p>}
        </div>
        {action && <div className="flex flex-wrap items-center gap-2">{action}</div>}
      </header>
      <div className={cx(width === "form" && "max-w-160")}>{children}</div>
    </div>
  );
}

/** The browser tab's title, which is also what a screen reader says on arrival. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Coxswain`;
  }, [title]);
}

/** A part of a page; its lists bring their own rules, so only white space divides the parts. */
export function Section({
  title,
  lead,
  action,
  children,
}: {
  title: string;
  lead?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="mb-10 last:mb-0">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 className="text-base font-semibold">{title}</h2>
          {lead && <p className="mt-0.5 max-w-140 text-ink-2">{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
