import { asFailure } from "@/api/problem";
import { notify } from "./toast";

/** Says why an act without a form of its own failed. */
export function notifyFailure(error: unknown): void {
  notify(asFailure(error).message, { tone: "bad" });
}
