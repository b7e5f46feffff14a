import type { Document, DocumentVersion } from "@/api/types";
import type { Tone } from "@/ui/badge";
import { count, format } from "./count";

/** How to show where a version stands. */
export interface StageView {
  tone: Tone;
  words: string;
  /** 0 to 1 while something is going on, `null` when its end is not known; absent when settled. */
  progress?: number | null;
}

export function stageOf(version: DocumentVersion): StageView {
  switch (version.stage) {
    case "queued":
      return { tone: "plain", words: "Waiting to be read", progress: null };
    case "parsing":
      return version.pages_total
        ? {
            tone: "accent",
            words: `Reading, ${format(version.pages_done)} of ${count(version.pages_total, "page")} done`,
            progress: version.pages_done / version.pages_total,
          }
        : {
            tone: "accent",
            words: version.pages_done ? `Reading, ${count(version.pages_done, "page")} done` : "Reading",
            progress: null,
          };
    case "embedding":
      return version.chunks_total
        ? {
            tone: "accent",
            words: `Indexing, ${format(version.chunks_done)} of ${count(version.chunks_total, "chunk")} done`,
            progress: version.chunks_done / version.chunks_total,
          }
        : { tone: "accent", words: "Indexing", progress: null };
    case "failed":
      return { tone: "bad", words: version.failure?.sentence ?? "It could not be read." };
    case "ready":
      return version.warnings.length
        ? {
            tone: "amber",
            words: `Searchable, except ${count(version.warnings.length, "place")} we couldn't read`,
          }
        : { tone: "good", words: "Searchable" };
  }
}

/** What still answers while a newer version is on its way, or after it failed. */
export function olderAnswers(document: Document): string | null {
  const { version } = document;
  if (version.stage === "ready" || version.number === 1) return null;
  return "The version before it still answers.";
}

const KINDS: Record<string, string> = {
  pdf: "PDF",
  docx: "Word",
  pptx: "PowerPoint",
  epub: "EPUB",
  html: "Web page",
  url: "Web page",
  markdown: "Markdown",
  md: "Markdown",
  text: "Text",
  txt: "Text",
  csv: "Questions and answers",
  srt: "Transcript",
  vtt: "Transcript",
};

export const kindName = (kind: string): string => KINDS[kind.toLowerCase()] ?? kind.toUpperCase();

/** "212 pages, 640 chunks": what is in a version, as far as it is known. */
export function sizeOf(version: DocumentVersion): string {
  const parts = [];
  if (version.pages_total) parts.push(count(version.pages_total, "page"));
  if (version.stage === "ready" && version.chunks_total) parts.push(count(version.chunks_total, "chunk"));
  return parts.join(", ");
}

/** What the file chooser offers; the server decides by content. */
export const ACCEPTED = ".pdf,.docx,.pptx,.epub,.html,.htm,.md,.markdown,.txt,.csv,.srt,.vtt";
