import { useEffect, useRef } from "react";
import type { Citation } from "@/api/types";
import { cx } from "@/lib/cx";
import { Button } from "@/ui/button";
import { Answer } from "./answer";
import type { Turn } from "./turns";

interface LogProps {
  turns: readonly Turn[];
  chosen: { turn: string; n: number } | null;
  onChoose: (turn: string, citation: Citation) => void;
  onWhy: (turn: string) => void;
  onSendAgain: (turn: Turn) => void;
}

export function Log({ turns, chosen, onChoose, onWhy, onSendAgain }: LogProps) {
  const end = useRef<HTMLDivElement>(null);
  const last = turns.at(-1);
  // Follows the answer as it grows, unless the reader has scrolled up to read something else.
  const following = useRef(true);
  const grown = `${turns.length} ${last?.text.length} ${last?.status}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: growth is what should scroll.
  useEffect(() => {
    if (following.current) end.current?.scrollIntoView({ block: "end" });
  }, [grown]);
  return (
    <div
      role="log"
      aria-label="Conversation"
      // Tokens must not be read out one by one; the finished answer is announced below.
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        following.current = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
      }}
      className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
    >
      <div className="mx-auto flex w-full max-w-180 flex-col gap-6 px-4 py-6 sm:px-8">
        {turns.map((turn) =>
          turn.author === "client" ? (
            <Question key={turn.id} turn={turn} onSendAgain={() => onSendAgain(turn)} />
          ) : (
            <Answer
              key={turn.id}
              turn={turn}
              chosen={chosen?.turn === turn.id ? chosen.n : null}
              onChoose={(citation) => onChoose(turn.id, citation)}
              onWhy={() => onWhy(turn.id)}
            />
          ),
        )}
        {last?.sending === "going" && last.author === "client" && (
          <p className="text-ink-3">Sending your question</p>
        )}
        <div ref={end} />
      </div>
      <p className="sr-only" aria-live="polite">
        {last?.author === "engine" && last.status !== "streaming" ? `Answer: ${last.text}` : ""}
      </p>
    </div>
  );
}

function Question({ turn, onSendAgain }: { turn: Turn; onSendAgain: () => void }) {
  const failed = turn.sending === "failed";
  return (
    <div className="flex flex-col items-end gap-1.5">
      <p
        className={cx(
          "max-w-[85%] rounded-md bg-hover px-4 py-2 text-base break-words whitespace-pre-wrap",
          turn.sending === "going" && "opacity-70",
        )}
      >
        <span className="sr-only">You asked: </span>
        {turn.text}
      </p>
      {failed && (
        <div role="alert" className="flex flex-wrap items-center justify-end gap-2 text-bad">
          {turn.reason}
          <Button small onClick={onSendAgain}>
            Send again
          </Button>
        </div>
      )}
    </div>
  );
}
