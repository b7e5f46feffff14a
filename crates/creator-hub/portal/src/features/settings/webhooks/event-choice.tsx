import type { EventKind } from "@/api/types";
import { EVENT_GROUPS, EVENT_WORDS } from "@/lib/event-words";

interface EventChoiceProps {
  /** Null for all, those to come included. */
  chosen: readonly EventKind[] | null;
  onChange: (chosen: EventKind[] | null) => void;
  error: string | undefined;
}

const CHOICE = "flex min-h-8 items-start gap-2.5 py-1 pointer-coarse:min-h-11 pointer-coarse:py-2.5";
const BOX = "mt-0.5 size-4 shrink-0 accent-accent";

/** What a webhook is told of. */
export function EventChoice({ chosen, onChange, error }: EventChoiceProps) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">Tell it of</legend>
      <label className={CHOICE}>
        <input
          type="radio"
          name="events"
          className={BOX}
          checked={chosen === null}
          onChange={() => onChange(null)}
        />
        All events, new kinds included
      </label>
      <label className={CHOICE}>
        <input
          type="radio"
          name="events"
          className={BOX}
          checked={chosen !== null}
          onChange={() => onChange([])}
        />
        Only what I choose
      </label>
      {chosen && (
        <div className="mt-2 gap-x-6 border-l border-line pl-4 sm:columns-2">
          {EVENT_GROUPS.map(([group, kinds]) => (
            <Group key={group} name={group} kinds={kinds} chosen={chosen} onChange={onChange} />
          ))}
        </div>
      )}
      {error && <p className="mt-1 text-bad">{error}</p>}
    </fieldset>
  );
}

function Group({
  name,
  kinds,
  chosen,
  onChange,
}: {
  name: string;
  kinds: readonly EventKind[];
  chosen: readonly EventKind[];
  onChange: (chosen: EventKind[]) => void;
}) {
  return (
    <fieldset className="mb-4 break-inside-avoid">
      <legend className="mb-0.5 text-xs text-ink-3">{name}</legend>
      {kinds.map((kind) => (
        <label key={kind} className={CHOICE}>
          <input
            type="checkbox"
            className={BOX}
            checked={chosen.includes(kind)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, kind] : chosen.filter((known) => known !== kind))
            }
          />
          <span className="min-w-0">
            {EVENT_WORDS[kind]}
            <code className="block font-mono text-xs break-all text-ink-3">{kind}</code>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
