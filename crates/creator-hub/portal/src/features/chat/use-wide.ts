import { useSyncExternalStore } from "react";

const WIDE = "(min-width: 68.75rem)";

function subscribe(listener: () => void) {
  const media = window.matchMedia(WIDE);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

/** Whether sources fit beside the log (1,100 px). */
export const useWide = (): boolean => useSyncExternalStore(subscribe, () => window.matchMedia(WIDE).matches);
