import type { ReactNode } from "react";
import { useTitle } from "@/ui/page";

/** The two pages before the portal: one column on paper. */
export function AuthFrame({
  title,
  lead,
  children,
  after,
}: {
  title: string;
  lead: ReactNode;
  children: ReactNode;
  after: ReactNode;
}) {
  useTitle(title);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-104 flex-col px-4 py-10 sm:justify-center">
      <div className="mb-8 flex items-center gap-2.5">
        <img src="/favicon.svg" alt="" width={28} height={28} />
        <p className="font-serif text-lg font-medium">Coxswain</p>
      </div>
      <h1 className="page-title">{title}</h1>
      <p className="mt-1 mb-6 text-ink-2">{lead}</p>
      {children}
      <p className="mt-6 border-t border-line pt-4 text-ink-2">{after}</p>
    </main>
  );
}
