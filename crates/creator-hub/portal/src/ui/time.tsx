import { exact, relative } from "@/lib/time";

/** A moment in the reader's own zone; the exact one on hover and for machines. */
export function Time({ at, zone }: { at: string; zone?: string }) {
  return (
    <time dateTime={at} title={exact(at, zone)}>
      {relative(at)}
    </time>
  );
}
