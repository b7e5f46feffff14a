import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { documentQuery } from "@/api/knowledge";
import { useQuotedPart } from "@/api/parts";
import type { Citation, Part } from "@/api/types";
import { PageImage } from "@/features/document/page-image";
import { cx } from "@/lib/cx";
import { locate } from "@/lib/quote";
import { OutLink } from "@/ui/button";
import { Failure, Skeleton } from "@/ui/states";
import { placeOf } from "./place";

interface SourcePanelProps {
  citation: Citation;
  citations: readonly Citation[];
  onChoose: (n: number) => void;
}

/** The quote where it stands: highlighted in the text of its page, and the page itself. */
export function SourcePanel({ citation, citations, onChoose }: SourcePanelProps) {
  const document = useQuery(documentQuery(citation.document_id));
  return (
    <div className="flex flex-col gap-4">
      {citations.length > 1 && <Numbers citations={citations} current={citation.n} onChoose={onChoose} />}
      <div>
        <h2 className="font-serif text-lg leading-7 font-medium break-words">
          <Link
            to="/knowledge/documents/$id"
            params={{ id: citation.document_id }}
            search={{
              page: citation.page ?? undefined,
              version: citation.version_id,
            }}
            className="hover:underline"
          >
            {citation.title}
          </Link>
        </h2>
        <p className="text-ink-3">
          {[placeOf(citation), `version ${citation.version_number}`].filter(Boolean).join(" · ")}
          {citation.url && (
            <>
              {" · "}
              <OutLink href={citation.url}>Your link</OutLink>
            </>
          )}
        </p>
      </div>
      {document.isError ? (
        <Failure error={document.error} what="this document" retry={() => document.refetch()} />
      ) : (
        <QuotedText key={`${citation.chunk_id} ${citation.n}`} citation={citation} />
      )}
      {citation.page && document.data?.kind.toLowerCase() === "pdf" && (
        <PageImage
          key={`${citation.version_id} ${citation.page}`}
          documentId={citation.document_id}
          versionId={citation.version_id}
          page={citation.page}
          width={900}
        />
      )}
    </div>
  );
}

function Numbers({
  citations,
  current,
  onChoose,
}: {
  citations: readonly Citation[];
  current: number;
  onChoose: (n: number) => void;
}) {
  return (
    <fieldset aria-label="Sources of this answer" className="flex flex-wrap gap-1">
      {citations.map(({ n, title }) => (
        <button
          key={n}
          type="button"
          aria-pressed={n === current}
          aria-label={`Source ${n}: ${title}`}
          onClick={() => onChoose(n)}
          className={cx(
            "h-7 min-w-7 rounded-sm px-2 font-semibold tabular pointer-coarse:h-11 pointer-coarse:min-w-11",
            n === current ? "bg-accent text-on-accent" : "bg-hover text-ink-2",
          )}
        >
          {n}
        </button>
      ))}
    </fieldset>
  );
}

function QuotedText({ citation }: { citation: Citation }) {
  const part = useQuotedPart(
    citation.document_id,
    citation.version_id,
    citation,
    (known) => locate(known.text, citation.quote) !== null,
  );
  if (part.isPending) {
    return (
      <div className="flex flex-col gap-3">
        <QuoteAlone quote={citation.quote} />
        <Skeleton className="h-40 w-full" />
      </div>
    );
  }
  if (part.isError) {
    return (
      <>
        <QuoteAlone quote={citation.quote} />
        <Failure error={part.error} what="the text around this quote" retry={() => part.refetch()} />
      </>
    );
  }
  return part.data ? (
    <Highlighted part={part.data} quote={citation.quote} />
  ) : (
    <QuoteAlone quote={citation.quote} />
  );
}

function QuoteAlone({ quote }: { quote: string }) {
  return (
    <blockquote className="quoted border-l-2 border-accent pl-4 text-base">
      <mark>{quote}</mark>
    </blockquote>
  );
}

function Highlighted({ part, quote }: { part: Part; quote: string }) {
  const mark = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const range = locate(part.text, quote);
  useEffect(() => {
    // Only the box scrolls: the page itself must not jump.
    if (mark.current && box.current)
      box.current.scrollTop = mark.current.offsetTop - box.current.clientHeight / 3;
  }, []);
  if (!range) return <QuoteAlone quote={quote} />;
  return (
    <section
      ref={box}
      aria-label="The quote in its page"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      className="quoted relative max-h-88 overflow-y-auto rounded-md border border-line bg-raised px-5 py-4 text-base break-words whitespace-pre-wrap"
    >
      {part.text.slice(0, range.start)}
      <mark ref={mark} data-quote="">
        {part.text.slice(range.start, range.end)}
      </mark>
      {part.text.slice(range.end)}
    </section>
  );
}
