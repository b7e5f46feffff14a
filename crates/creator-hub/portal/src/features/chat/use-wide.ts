import { useMedia } from "@/lib/use-media";

/** Whether sources fit beside the log (1,100 px). */
export const useWide = (): boolean => useMedia("(min-width: 68.75rem)");
