import { useParts } from "@/api/parts";
import type { Document, DocumentVersion, Part } from "@/api/types";
import { timecode } from "@/lib/time";
import { More } from "@/ui/more";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { MarkedText } from "./marked-text";
import { NothingRead } from "./paged-view";

/** A document without drawn pages: its parts one after another, under their headings or times. */
export function FlowingView({ document, version }: { document: Document; version: DocumentVersion }) {
  const query = useParts(document.id, version.id);
  if (query.isError) return <Failure error={query.error} what="the text" retry={() => query.refetch()} />;
  if (query.isPending) return <SkeletonRows what="the text" />;
  if (!query.parts.length) {
    return version.stage === "ready" ? (
      <Empty title="There is no text in this file" />
    ) : (
      <NothingRead version={version} />
    );
  }
  const starts = chunkStarts(query.parts);
  return (
    <section aria-label="Text as the engine sees it" className="mb-8 max-w-180">
      <h2 className="mb-3 text-xs font-medium text-ink-3">Text as the engine sees it</h2>
      <div className="flex flex-col divide-y divide-line border-y border-line">
        {query.parts.map((part, index) => (
          <article key={part.number} className="py-5">
            <PartLabel part={part} before={query.parts[index - 1]} />
            <MarkedText part={part} first={starts[index] ?? 1} />
          </article>
        ))}
      </div>
      <More query={query} what="text" />
    </section>
  );
}

function PartLabel({ part, before }: { part: Part; before: Part | undefined }) {
  const time = part.start_ms == null ? null : timecode(part.start_ms);
  const heading = part.heading && part.heading !== before?.heading ? part.heading : null;
  const page = part.page && part.page !== before?.page ? `Page ${part.page}` : null;
  if (!time && !heading && !page) return null;
  return <h3 className="mb-2 text-sm font-semibold">{[time, page, heading].filter(Boolean).join(" · ")}</h3>;
}

/** Chunks are numbered through the whole document, not from 1 in each part. */
function chunkStarts(parts: readonly Part[]): number[] {
  let next = 1;
  return parts.map((part) => {
    const start = next;
    next += part.chunks.length;
    return start;
  });
}
