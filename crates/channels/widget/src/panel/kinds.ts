/** What kind a file seems to be, before the server looks at its content. */
import type { AttachmentKind } from "./types";

/** The largest file the server takes, in bytes. */
export const LARGEST = 10 * 1024 * 1024;
/** Files in one message. */
export const MOST = 3;

const ENDINGS: Record<string, AttachmentKind> = {
  jpg: "image",
  jpeg: "image",
  png: "image",
  webp: "image",
  gif: "image",
  pdf: "pdf",
  txt: "text",
  md: "text",
  csv: "text",
  log: "text",
  mp3: "audio",
  m4a: "audio",
  ogg: "audio",
  oga: "audio",
  opus: "audio",
  wav: "audio",
  flac: "audio",
  aac: "audio",
};
const PICTURES = new Set(["image/jpeg", "image/png", "image/webp", "image/gif"]);

/** What the file picker should offer. */
const PICKED: Partial<Record<AttachmentKind, string>> = {
  image: "image/jpeg,image/png,image/webp,image/gif",
  pdf: "application/pdf,.pdf",
  text: "text/plain,.txt,.md,.csv,.log",
  audio: "audio/mpeg,audio/mp4,audio/ogg,audio/wav,audio/flac,audio/aac,.m4a,.opus",
};

export function kindOf({ type, name }: { type: string; name: string }): AttachmentKind {
  if (PICTURES.has(type)) return "image";
  if (type === "application/pdf") return "pdf";
  if (type.startsWith("audio/")) return "audio";
  const ending = /\.([^.]+)$/.exec(name.toLowerCase())?.[1] ?? "";
  if (Object.hasOwn(ENDINGS, ending)) return ENDINGS[ending] ?? "other";
  return type === "text/plain" || type === "text/markdown" || type === "text/csv" ? "text" : "other";
}

/** For the picker's `accept`. */
export function accepted(kinds: readonly AttachmentKind[]): string {
  return kinds.flatMap((kind) => PICKED[kind] ?? []).join(",");
}

const UNITS = ["byte", "kilobyte", "megabyte"] as const;

/** A size as people of a language write it. */
export function size(bytes: number, tag: string): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const unit = UNITS[step] ?? "byte";
  return new Intl.NumberFormat(tag, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(bytes / 1000 ** step);
}
