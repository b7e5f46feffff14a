import type { ReactNode } from "react";

/** A sentence of the server's, with what it puts between backticks set as something to type. */
export function CodeWords({ children }: { children: string }): ReactNode {
  return children.split("`").map((part, index) =>
    index % 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence keep their places.
      <code key={index} className="font-mono text-xs">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
