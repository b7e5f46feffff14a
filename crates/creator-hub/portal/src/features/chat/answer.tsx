import type { Citation } from "@/api/types";
import { cx } from "@/lib/cx";
import { pieces } from "@/lib/quote";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { placeOf } from "./place";
import type { Turn } from "./turns";

interface AnswerProps {
  turn: Turn;
  /** The number of the citation that is open beside it. */
  chosen: number | null;
  onChoose: (citation: Citation) => void;
  onWhy: () => void;
}

export function Answer({ turn, chosen, onChoose, onWhy }: AnswerProps) {
  const streaming = turn.status === "streaming";
  const byNumber = new Map(turn.citations.map((citation) => [citation.n, citation]));
  return (
    <article aria-label="Answer" className="flex flex-col gap-3">
      {turn.text ? (
        <p className="text-base leading-7 break-words whitespace-pre-wrap">
          {pieces(turn.text, [...byNumber.keys()]).map((piece) => {
            if ("text" in piece) return piece.text;
            const citation = byNumber.get(piece.cite);
            return (
              citation && (
                <Mark key={piece.at} citation={citation} open={chosen === piece.cite} onOpen={onChoose} />
              )
            );
          })}
        </p>
      ) : (
        streaming && <p className="text-ink-3">Looking through your documents</p>
      )}
      {turn.status === "cancelled" && <p className="text-ink-3">Stopped. What was written so far is kept.</p>}
      {turn.problem && (
        <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
          {turn.problem.sentence}
        </p>
      )}
      {turn.abstained && (
        <p>
          <Badge tone="amber">Your no-answer message</Badge>{" "}
          <span className="text-ink-2">
            Your material doesn't cover this. The question is kept under Gaps.
          </span>
        </p>
      )}
      {turn.citations.length > 0 && (
        <ul className="flex flex-wrap gap-1.5" aria-label="Sources of this answer">
          {turn.citations.map((citation) => (
            <li key={citation.n} className="max-w-full">
              <Chip citation={citation} open={chosen === citation.n} onOpen={() => onChoose(citation)} />
            </li>
          ))}
        </ul>
      )}
      {!streaming && (
        <Button small variant="quiet" className="-ml-2.5 self-start" onClick={onWhy}>
          Why this answer
        </Button>
      )}
    </article>
  );
}

function Chip({ citation, open, onOpen }: { citation: Citation; open: boolean; onOpen: () => void }) {
  const place = placeOf(citation);
  return (
    <button
      type="button"
      aria-pressed={open}
      onClick={onOpen}
      className={cx(
        "flex h-7 max-w-full items-center gap-2 rounded-md border px-2 text-left transition-colors duration-150 pointer-coarse:h-11",
        open ? "border-accent bg-accent-soft" : "border-edge/60 hover:bg-hover",
      )}
    >
      <span className="font-semibold text-accent tabular">{citation.n}</span>
      <span className="truncate">{citation.title}</span>
      {place && <span className="shrink-0 text-ink-3 tabular">{place}</span>}
    </button>
  );
}

function Mark({
  citation,
  open,
  onOpen,
}: {
  citation: Citation;
  open: boolean;
  onOpen: (citation: Citation) => void;
}) {
  return (
    <button
      type="button"
      aria-label={`Source ${citation.n}: ${citation.title}`}
      onClick={() => onOpen(citation)}
      className={cx(
        "mx-0.5 inline-flex h-6 min-w-6 items-center justify-center rounded-sm px-1 align-baseline text-xs font-semibold tabular",
        open ? "bg-accent text-on-accent" : "bg-accent-soft text-accent hover:bg-hover",
      )}
    >
      {citation.n}
    </button>
  );
}
