/** JSON set out in lines; anything else (what broke is often not JSON) exactly as it came. */
export function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
