/** What was typed and not sent, by conversation, for as long as the portal is open. */
const drafts = new Map<string, string>();

export const draftOf = (conversation: string): string => drafts.get(conversation) ?? "";

export function keepDraft(conversation: string, text: string): void {
  if (text) drafts.set(conversation, text);
  else drafts.delete(conversation);
}

/** An answer of the engine marks its sources as [1]; a person's reply carries no such marks. */
export const withoutMarks = (text: string): string => text.replaceAll(/[ \t]*\[\d+\]/g, "");

/** Puts `words` where the caret stands, or in place of what is selected; at the end without a box. */
export function insertAt(
  text: string,
  words: string,
  box: Pick<HTMLTextAreaElement, "selectionStart" | "selectionEnd"> | null,
): string {
  const start = box?.selectionStart ?? text.length;
  const end = box?.selectionEnd ?? text.length;
  const gap = start > 0 && !/\s$/.test(text.slice(0, start)) ? " " : "";
  return `${text.slice(0, start)}${gap}${words}${text.slice(end)}`;
}
