import { useNavigate, useSearch } from "@tanstack/react-router";
import { usePageParts } from "@/api/parts";
import type { Document, DocumentVersion } from "@/api/types";
import { cx } from "@/lib/cx";
import { useHotkeys } from "@/lib/hotkeys";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { MarkedText } from "./marked-text";
import { PageImage } from "./page-image";
import { Pager } from "./pager";
import { ViewTabs } from "./view-tabs";

/** A PDF, one page at a time: the text as the engine sees it beside the page as people see it. */
export function PagedView({ document, version }: { document: Document; version: DocumentVersion }) {
  const { page = 1, view = "text" } = useSearch({ from: "/inside/knowledge/documents/$id" });
  const navigate = useNavigate({ from: "/knowledge/documents/$id" });
  const total = version.pages_total ?? 0;
  const go = (next: number) => {
    if (next >= 1 && next <= total)
      void navigate({ search: (before) => ({ ...before, page: next }), replace: true });
  };
  useHotkeys({ arrowleft: () => go(page - 1), arrowright: () => go(page + 1) });
  if (!total) return <NothingRead version={version} />;
  return (
    <section aria-label="Pages" className="mb-8">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <Pager page={page} total={total} onGo={go} />
        <ViewTabs
          view={view}
          onChange={(next) =>
            void navigate({ search: (before) => ({ ...before, view: next }), replace: true })
          }
        />
      </div>
      <div className="grid items-start gap-8 lg:grid-cols-2">
        <div className={cx(view === "original" && "hidden lg:block")}>
          <h2 className="mb-2 hidden text-xs font-medium text-ink-3 lg:block">Text as the engine sees it</h2>
          <PageText document={document} version={version} page={page} />
        </div>
        <div className={cx(view === "text" && "hidden lg:block", "lg:sticky lg:top-4")}>
          <h2 className="mb-2 hidden text-xs font-medium text-ink-3 lg:block">The original page</h2>
          <PageImage
            key={`${version.id} ${page}`}
            documentId={document.id}
            versionId={version.id}
            page={page}
          />
        </div>
      </div>
    </section>
  );
}

function PageText({
  document,
  version,
  page,
}: {
  document: Document;
  version: DocumentVersion;
  page: number;
}) {
  const query = usePageParts(document.id, version.id, page);
  const warning = version.warnings.find((known) => known.page === page);
  if (query.isError)
    return <Failure error={query.error} what={`the text of page ${page}`} retry={() => query.refetch()} />;
  if (query.isPending) {
    return (
      <div role="status" className="flex flex-col gap-3">
        <span className="sr-only">Reading page {page}</span>
        {["w-full", "w-11/12", "w-full", "w-4/5", "w-full", "w-2/3"].map((width, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders never reorder.
          <Skeleton key={line} className={cx("h-4", width)} />
        ))}
      </div>
    );
  }
  const filled = query.data.filter((part) => part.text.trim());
  if (!filled.length) {
    return (
      <p className="border-y border-line py-6 text-ink-2">
        {warning ? `We couldn't read this page: ${warning.reason}` : "There is no text on this page."}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {filled.map((part) => (
        <MarkedText key={part.number} part={part} first={1} />
      ))}
    </div>
  );
}

/** Before anything of a version is known: it waits, is being read, or failed. */
export function NothingRead({ version }: { version: DocumentVersion }) {
  if (version.stage === "failed") {
    return (
      <Empty title="There is no text to show">
        This version could not be read. Upload one that can, or try it again from the list.
      </Empty>
    );
  }
  return (
    <Empty title="Still being read">
      The text appears here as soon as the first pages are done. You can leave this page.
    </Empty>
  );
}
