/** What was typed and not sent, by conversation, for as long as the portal is open. */
const drafts = new Map<string, string>();

export const draftOf = (conversation: string): string => drafts.get(conversation) ?? "";

export function keepDraft(conversation: string, text: string): void {
  if (text) drafts.set(conversation, text);
  else drafts.delete(conversation);
}

/** An answer of the engine marks its sources as [1]; a person's reply carries no such marks. */
export const withoutMarks = (text: string): string => text.replaceAll(/[ \t]*\[\d+\]/g, "");
