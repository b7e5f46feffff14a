import { asFailure, unplacedMessages } from "@/api/problem";

/**
 * What to say above a form about `error`: nothing when every message has a field of its own in
 * `shown`, otherwise the sentence of the problem and the messages that found no field.
 */
export function formMessages(error: unknown, shown: readonly string[] = []): string[] {
  if (!error) return [];
  const failure = asFailure(error);
  if (failure.code === "version_conflict" || failure.status === 412) {
    return [`${failure.message} Your text is still here: copy what you need, then reload to see theirs.`];
  }
  const loose = unplacedMessages(failure, shown);
  if (Object.keys(failure.fields).length) return loose;
  return [failure.requestId ? `${failure.message} (request ${failure.requestId})` : failure.message];
}
