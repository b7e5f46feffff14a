const STEPS: [limitSeconds: number, divisor: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3_600, 60, "minute"],
  [86_400, 3_600, "hour"],
  [7 * 86_400, 86_400, "day"],
];

const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "3 minutes ago" within a week, the date beyond it. */
export function relative(at: string, now = Date.now()): string {
  const moment = Date.parse(at);
  if (Number.isNaN(moment)) return at;
  const seconds = Math.round((moment - now) / 1_000);
  const size = Math.abs(seconds);
  if (size < 10) return "just now";
  for (const [limit, divisor, unit] of STEPS) {
    if (size < limit) return words.format(Math.trunc(seconds / divisor), unit);
  }
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }).format(moment);
}

/** The full moment with its zone; the reader's zone unless another is given. */
export function exact(at: string, zone?: string): string {
  const moment = Date.parse(at);
  if (Number.isNaN(moment)) return at;
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    ...(zone ? { timeZone: zone } : {}),
  }).format(moment);
}

/** "Mon 09:00" in `zone`; for telling two zones of one moment apart. */
export function clockIn(at: string, zone?: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    ...(zone ? { timeZone: zone } : {}),
  }).format(Date.parse(at));
}

/** A place in a recording: 83_000 ms is "1:23". */
export function timecode(ms: number): string {
  const total = Math.floor(ms / 1_000);
  const [hours, minutes, seconds] = [Math.floor(total / 3_600), Math.floor(total / 60) % 60, total % 60];
  const tail = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${String(seconds).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}

export const readerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Every IANA zone the browser knows, with the reader's own first. */
export function timeZones(): string[] {
  const own = readerZone();
  const all = Intl.supportedValuesOf("timeZone");
  return [own, ...all.filter((zone) => zone !== own), ...(own === "UTC" ? [] : ["UTC"])];
}
