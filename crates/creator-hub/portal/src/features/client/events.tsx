import type { ClientEvent } from "@/api/types";
import { detailWords } from "@/lib/plain-value";
import { Time } from "@/ui/time";

/** Characters of what came along that are shown before it is opened. */
const SHOWN = 160;

/** What other programs told of the client, the newest first. */
export function Events({ events }: { events: ClientEvent[] }) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {events.map((event) => (
        <li key={event.id} className="flex items-start gap-3 py-2.5">
          <div className="min-w-0 flex-1">
            <code className="block font-mono text-xs leading-5 break-all">{event.name}</code>
            <Data data={event.data} />
          </div>
          <span className="shrink-0 text-ink-3">
            <Time at={event.occurred_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Data({ data }: { data: ClientEvent["data"] }) {
  const words = detailWords(data);
  if (!words) return null;
  if (words.length <= SHOWN) return <p className="break-words text-ink-3">{words}</p>;
  return (
    <details className="text-ink-3">
      <summary className="cursor-pointer break-words">{words.slice(0, SHOWN)}…</summary>
      <pre className="mt-2 max-h-80 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap">
        {JSON.stringify(data, null, 2)}
      </pre>
    </details>
  );
}
