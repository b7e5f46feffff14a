const number = new Intl.NumberFormat("en-GB");

/** 12345 → "12,345". */
export const format = (value: number): string => number.format(value);

/** count(1, "page") → "1 page"; count(3, "reply", "replies") → "3 replies". */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${format(value)} ${value === 1 ? one : many}`;
}

/** Decimal units, as file managers show them: 1_400_000 → "1.4 MB". */
export function bytes(size: number): string {
  if (size < 1_000) return count(size, "byte");
  const units = ["kB", "MB", "GB"];
  let value = size / 1_000;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
