import type { Document, DocumentVersion } from "@/api/types";
import { count } from "@/lib/count";
import { kindName, olderAnswers, sizeOf, stageOf } from "@/lib/stage";
import { Dot, Progress } from "@/ui/badge";
import { OutLink } from "@/ui/button";

const WARNINGS_SHOWN = 5;

/** What is known about the document, and where its newest version stands. */
export function DocumentFacts({ document, shown }: { document: Document; shown: DocumentVersion }) {
  const newest = document.version;
  const stage = stageOf(newest);
  const older = olderAnswers(document);
  const facts = [
    kindName(document.kind),
    sizeOf(shown),
    `version ${shown.number} of ${document.versions_count}`,
    document.times_quoted ? `quoted ${count(document.times_quoted, "time")}` : "not quoted yet",
    document.published_on && `published ${document.published_on}`,
  ].filter(Boolean);
  return (
    <div className="mb-6 flex flex-col gap-2">
      <p className="text-ink-2">
        {facts.join(" · ")}
        {shown.source_url && (
          <>
            {" · read from "}
            <OutLink href={shown.source_url} className="break-all">
              {shown.source_url}
            </OutLink>
          </>
        )}
        {document.citation_url && document.citation_url !== shown.source_url && (
          <>
            {" · "}
            <OutLink href={document.citation_url} className="break-all">
              {document.citation_url}
            </OutLink>
          </>
        )}
      </p>
      {newest.stage !== "ready" && (
        <div role="status" className="flex max-w-160 flex-col gap-1.5">
          <p className={newest.stage === "failed" ? "text-bad" : "text-ink-2"}>
            <Dot tone={stage.tone} /> {newest.number > 1 && `Version ${newest.number}: `}
            {stage.words} {older}
          </p>
          {stage.progress !== undefined && <Progress value={stage.progress} label={stage.words} />}
        </div>
      )}
      <Warnings version={shown} />
    </div>
  );
}

function Warnings({ version }: { version: DocumentVersion }) {
  if (!version.warnings.length) return null;
  const rest = version.warnings.length - WARNINGS_SHOWN;
  return (
    <div className="max-w-160 rounded-md bg-amber-soft px-3 py-2 text-amber">
      <p className="font-medium">Everything else in this version is searchable.</p>
      <ul>
        {version.warnings.slice(0, WARNINGS_SHOWN).map(({ page, reason }) => (
          <li key={`${page} ${reason}`}>
            {page ? `Page ${page}: ` : ""}
            {reason}
          </li>
        ))}
        {rest > 0 && <li>and {count(rest, "more place")}</li>}
      </ul>
    </div>
  );
}
