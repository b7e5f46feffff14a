function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A record in a line: `{ km: 5, heart_rate: 171 }` is "km: 5 · heart rate: 171". */
export function detailWords(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${plain(value)}`)
    .join(" · ");
}
