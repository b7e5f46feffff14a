/** A stretch of text that lies in the same chunks from end to end. */
export interface Segment {
  text: string;
  /** Offset of the first UTF-16 unit in the whole text. */
  at: number;
  /** Indexes into `chunks` of those that cover the stretch; two where chunks overlap, none in a gap. */
  within: number[];
}

/** Cuts `text` at every chunk border. Borders outside the text are taken to its ends. */
export function segments(text: string, chunks: readonly { start: number; end: number }[]): Segment[] {
  const inside = (offset: number) => Math.min(Math.max(offset, 0), text.length);
  const borders = new Set([0, text.length]);
  for (const { start, end } of chunks) borders.add(inside(start)).add(inside(end));
  const cuts = [...borders].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((at, i) => {
    const to = cuts[i + 1] ?? text.length;
    const within = chunks.flatMap(({ start, end }, index) =>
      start <= at && end >= to && start < end ? [index] : [],
    );
    return { text: text.slice(at, to), at, within };
  });
}
