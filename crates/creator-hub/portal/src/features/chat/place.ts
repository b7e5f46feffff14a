import type { Citation } from "@/api/types";
import { timecode } from "@/lib/time";

/** Where in its document a citation stands: "p. 14", "12:03", or the heading. */
export function placeOf(citation: Pick<Citation, "page" | "start_ms" | "heading">): string {
  if (citation.page) return `p. ${citation.page}`;
  if (citation.start_ms != null) return timecode(citation.start_ms);
  return citation.heading ?? "";
}
