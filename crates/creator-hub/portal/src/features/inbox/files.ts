import type { Attachment } from "@/api/types";

const SIGN = /^(?:🖼|🎤|🎵|🎬|🙂|📎) ?/u;

/**
 * What was written beside files. In the conversation a sign and a name stand for each file, for those who
 * see no more than text; beside the file itself they would only say it twice.
 */
export function besideFiles(text: string, attachments: readonly Pick<Attachment, "name">[]): string {
  if (attachments.length === 0) return text;
  const names = attachments.map(({ name }) => name).toSorted((a, b) => b.length - a.length);
  return text
    .split("\n")
    .map((line) => {
      if (!SIGN.test(line)) return line;
      const rest = line.replace(SIGN, "");
      const name = names.find((known) => rest.startsWith(known));
      return name ? rest.slice(name.length).trimStart() : rest;
    })
    .filter((line, index, lines) => line !== "" || (index > 0 && lines[index - 1] !== ""))
    .join("\n")
    .trim();
}
