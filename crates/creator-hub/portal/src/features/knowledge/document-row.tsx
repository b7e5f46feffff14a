import { Link } from "@tanstack/react-router";
import { useCan } from "@/api/account";
import { useRetryDocument } from "@/api/knowledge";
import type { Document } from "@/api/types";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { cx } from "@/lib/cx";
import { kindName, olderAnswers, sizeOf, stageOf } from "@/lib/stage";
import { Dot, Progress } from "@/ui/badge";
import { Button } from "@/ui/button";
import { notifyFailure } from "@/ui/notify-failure";
import { Time } from "@/ui/time";
import { DocumentMenu } from "./document-menu";
import { DocumentSwitch } from "./document-switch";

/** One document: what it is, where it stands, whether it answers, how often it was quoted. */
export function DocumentRow({ document, place }: { document: Document; place?: string }) {
  const mayEdit = useCan("edit_knowledge");
  const about = [kindName(document.kind), sizeOf(document.version), place].filter(Boolean).join(" · ");
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 gap-y-1.5 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,20rem)_auto_auto] md:items-center">
      <div className="min-w-0">
        <Link
          to="/knowledge/documents/$id"
          params={{ id: document.id }}
          className={cx(
            "line-clamp-2 font-medium break-words hover:underline",
            !document.enabled && "text-ink-2",
          )}
        >
          {document.title}
        </Link>
        <p className="truncate text-ink-3">
          {about}
          <span className="hidden lg:inline">
            {" · "}
            <Time at={document.updated_at} />
          </span>
        </p>
      </div>
      <div className="col-span-2 row-start-2 min-w-0 md:col-span-1 md:row-start-auto">
        <StageCell document={document} mayEdit={mayEdit} />
      </div>
      <p className="hidden w-24 text-right text-ink-2 tabular lg:block">
        {document.times_quoted ? (
          `Quoted ${count(document.times_quoted, "time")}`
        ) : (
          <span className="text-ink-3">Not quoted yet</span>
        )}
      </p>
      <div className="flex items-center gap-1 justify-self-end">
        <DocumentSwitch document={document} />
        {mayEdit && <DocumentMenu document={document} />}
      </div>
    </li>
  );
}

function StageCell({ document, mayEdit }: { document: Document; mayEdit: boolean }) {
  const view = stageOf(document.version);
  const older = olderAnswers(document);
  const retry = useRetryDocument(document.id);
  const failed = document.version.stage === "failed";
  return (
    <div className="flex flex-col gap-1">
      <p className={cx("flex gap-2", failed ? "text-bad" : "text-ink-2")}>
        <span className="flex h-5 items-center">
          <Dot tone={document.enabled ? view.tone : "plain"} />
        </span>
        <span className="min-w-0 break-words">
          {document.version.number > 1 &&
            view.progress !== undefined &&
            `Version ${document.version.number}: `}
          {document.enabled || view.progress !== undefined || failed
            ? view.words
            : "Off: answers don't use it"}
          {older && <span className="block text-ink-3">{older}</span>}
        </span>
      </p>
      {view.progress !== undefined && (
        <Progress value={view.progress} label={`${document.title}: ${view.words}`} />
      )}
      {failed && mayEdit && (
        <Button
          small
          className="self-start"
          busy={retry.isPending && "Starting again"}
          onClick={() => after(retry.mutateAsync(), () => {}, notifyFailure)}
        >
          Try again
        </Button>
      )}
    </div>
  );
}
