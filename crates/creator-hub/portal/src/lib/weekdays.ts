import type { Weekday } from "@/api/types";

export const WEEKDAYS: readonly (readonly [Weekday, short: string, long: string])[] = [
  ["mon", "Mon", "Monday"],
  ["tue", "Tue", "Tuesday"],
  ["wed", "Wed", "Wednesday"],
  ["thu", "Thu", "Thursday"],
  ["fri", "Fri", "Friday"],
  ["sat", "Sat", "Saturday"],
  ["sun", "Sun", "Sunday"],
];

const WORKING: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri"];

/** "Every day at 09:00", "Mondays to Fridays at 09:00", "Mon, Wed at 18:30". */
export function scheduleWords(days: readonly Weekday[], time: string): string {
  const chosen = WEEKDAYS.filter(([day]) => days.includes(day));
  if (!chosen.length) return "On no day yet";
  if (chosen.length === WEEKDAYS.length) return `Every day at ${time}`;
  if (chosen.length === WORKING.length && WORKING.every((day) => days.includes(day))) {
    return `Mondays to Fridays at ${time}`;
  }
  if (chosen.length === 1) return `${chosen[0]?.[2]}s at ${time}`;
  return `${chosen.map(([, short]) => short).join(", ")} at ${time}`;
}

/** In the order of the week, each once. */
export function inWeekOrder(days: readonly Weekday[]): Weekday[] {
  return WEEKDAYS.flatMap(([day]) => (days.includes(day) ? [day] : []));
}
