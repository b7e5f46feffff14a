/**
 * Where `quote` stands in `text`, as UTF-16 offsets. A quote is verbatim, but a page breaks its
 * lines where it likes, so any white space matches any other; nothing else is forgiven.
 */
export function locate(text: string, quote: string): { start: number; end: number } | null {
  const exact = text.indexOf(quote);
  if (quote && exact >= 0) return { start: exact, end: exact + quote.length };
  const words = quote.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+"));
  const found = pattern.exec(text);
  return found ? { start: found.index, end: found.index + found[0].length } : null;
}

/** A stretch of an answer, or a mark in it; `at` is where it begins. */
export type AnswerPiece = { at: number; text: string } | { at: number; cite: number };

/** Splits an answer at its `[1]` marks; a mark without a citation stays text. */
export function pieces(answer: string, known: readonly number[]): AnswerPiece[] {
  const result: AnswerPiece[] = [];
  let from = 0;
  for (const mark of answer.matchAll(/\[(\d+)\]/g)) {
    const n = Number(mark[1]);
    if (!known.includes(n)) continue;
    if (mark.index > from) result.push({ at: from, text: answer.slice(from, mark.index) });
    result.push({ at: mark.index, cite: n });
    from = mark.index + mark[0].length;
  }
  if (from < answer.length) result.push({ at: from, text: answer.slice(from) });
  return result;
}
