import type { ClientDetail } from "@/api/types";
import { clockIn, readerZone } from "@/lib/time";
import { Badge } from "@/ui/badge";
import { Time } from "@/ui/time";

/** When they were seen, what time it is for them, and whether they agreed to check-ins. */
export function Facts({ client }: { client: ClientDetail }) {
  const { time_zone: zone, last_seen_at, consented } = client;
  const elsewhere = zone && zone !== readerZone();
  return (
    <div className="mt-1 flex flex-col items-start gap-1.5 text-ink-2">
      <p>
        Seen <Time at={last_seen_at} />
        {zone && (
          <>
            {" · "}
            {elsewhere ? `${clockIn(new Date().toISOString(), zone)} in ${placeOf(zone)}` : placeOf(zone)}
          </>
        )}
      </p>
      {consented ? (
        <Badge tone="good">Agreed to check-ins</Badge>
      ) : (
        <Badge>Has not agreed to check-ins</Badge>
      )}
    </div>
  );
}

/** "America/Argentina/Buenos_Aires" is Buenos Aires. */
const placeOf = (zone: string) => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
