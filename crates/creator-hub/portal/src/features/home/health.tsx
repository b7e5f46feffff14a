import type { Component } from "@/api/types";
import { Dot, type Tone } from "@/ui/badge";
import { CodeWords } from "@/ui/code-words";

const NAMES: Record<Component["name"], string> = {
  database: "Database",
  index: "Search index",
  embedding: "Embedding model",
  model: "Answer model",
  parser: "Document reader",
  widget: "Widget",
};

const STATUS: Record<Component["status"], { tone: Tone; word: string }> = {
  ok: { tone: "good", word: "Runs" },
  degraded: { tone: "amber", word: "Limited" },
  down: { tone: "bad", word: "Down" },
};

/** Each part in a line: how it is and, when it is not well, what to do. */
export function Health({ components }: { components: readonly Component[] }) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {components.map(({ name, status, detail, action }) => {
        const { tone, word } = STATUS[status];
        return (
          <li key={name} className="grid grid-cols-[1fr_auto] gap-x-4 py-2 sm:grid-cols-[11rem_6rem_1fr]">
            <span>{NAMES[name] ?? name}</span>
            <span className="flex items-center gap-2 self-start text-ink-2">
              <Dot tone={tone} />
              {word}
            </span>
            <span className="col-span-2 break-words text-ink-3 sm:col-span-1">
              {detail}
              {action && (
                <span className="block text-ink">
                  <CodeWords>{action}</CodeWords>
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
