import { Time } from "@/ui/time";

const MOMENT_MS = 10_000;

/** When a delivery is tried again; what is nearly due has no number worth reading. */
export function NextTry({ at }: { at: string }) {
  return Date.parse(at) - Date.now() < MOMENT_MS ? "in a moment" : <Time at={at} />;
}
