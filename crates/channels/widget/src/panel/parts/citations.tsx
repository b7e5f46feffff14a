import { clockTime, fill, type Strings } from "../i18n";
import type { Citation } from "../types";
import { Dialog } from "./dialog";
import { Icon } from "./icons";

/** Where in the source: page, time, heading. */
export function place(citation: Citation, strings: Strings): string {
  const parts: string[] = [];
  if (citation.page !== null) parts.push(fill(strings.page, { n: citation.page }));
  if (citation.start_ms !== null) parts.push(fill(strings.at, { time: clockTime(citation.start_ms) }));
  return parts.join(", ");
}

interface ChipsProps {
  citations: Citation[];
  strings: Strings;
  onOpen(citation: Citation): void;
}

/** The numbered sources below an answer. */
export function Chips({ citations, strings, onOpen }: ChipsProps) {
  return (
    <ul class="chips" aria-label={strings.sources}>
      {citations.map((citation) => {
        const exact = place(citation, strings);
        // Without a page, several sources of one document are told apart by what they stand under.
        const where = exact || citation.heading;
        return (
          <li key={citation.n}>
            <button
              type="button"
              class="chip"
              aria-haspopup="dialog"
              aria-label={`${fill(strings.source, { n: citation.n, title: citation.title })}${where ? `, ${where}` : ""}`}
              onClick={() => onOpen(citation)}
            >
              <b>{citation.n}</b>
              <span dir="auto">{citation.title}</span>
              {exact && <i>{exact}</i>}
              {!exact && citation.heading && (
                <span dir="auto">
                  <i>{citation.heading}</i>
                </span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** The words of the source, and where they stand. */
export function CitationSheet(props: { citation: Citation; strings: Strings; onClose(): void }) {
  const { citation, strings, onClose } = props;
  const where = place(citation, strings);
  return (
    <Dialog title={citation.title} closeLabel={strings.back} onClose={onClose}>
      {(where || citation.heading) && (
        <p class="where">
          {citation.heading && <span dir="auto">{citation.heading}</span>}
          {where && <span>{where}</span>}
        </p>
      )}
      <blockquote class="quote" dir="auto">
        {citation.quote}
      </blockquote>
      {citation.url && /^https?:\/\//i.test(citation.url) && (
        <a class="button" href={citation.url} target="_blank" rel="noopener noreferrer">
          {strings.openSource}
          <Icon name="link" />
          <span class="hidden">({strings.newTab})</span>
        </a>
      )}
    </Dialog>
  );
}
