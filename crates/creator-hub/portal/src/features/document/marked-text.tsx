import { useMemo, useState } from "react";
import type { Part } from "@/api/types";
import { cx } from "@/lib/cx";
import { segments } from "@/lib/segments";

/**
 * The text as the engine sees it. Each chunk begins with its number; pointing at a stretch shows
 * the whole chunk it belongs to.
 */
export function MarkedText({ part, first }: { part: Part; first: number }) {
  const [lit, setLit] = useState<number | null>(null);
  const parts = useMemo(() => segments(part.text, part.chunks), [part]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing only lights up what the numbers already say.
    <div className="quoted text-base break-words whitespace-pre-wrap" onMouseLeave={() => setLit(null)}>
      {parts.map((segment) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: as above.
        <span
          key={segment.at}
          onMouseEnter={() => setLit(segment.within.at(-1) ?? null)}
          className={cx(
            "transition-colors duration-150",
            lit !== null && segment.within.includes(lit) && "bg-accent-soft",
            segment.within.length === 0 && "text-ink-3",
          )}
        >
          {part.chunks.map((chunk, index) =>
            chunk.start === segment.at && segment.text ? (
              <ChunkMark key={chunk.id} number={first + index} />
            ) : null,
          )}
          {segment.text}
        </span>
      ))}
    </div>
  );
}

function ChunkMark({ number }: { number: number }) {
  return (
    <span className="mr-1 inline-block rounded-sm bg-hover px-1 align-[0.15em] font-sans text-xs leading-4 text-ink-3 select-none">
      <span className="sr-only">Chunk </span>
      {number}
    </span>
  );
}
