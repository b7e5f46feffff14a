/**
 * Goes on with `done` once the act has succeeded, even when the component that asked for it has
 * left the page meanwhile: the callbacks of `mutate` are dropped then. Without `failed` a failure
 * is shown where the mutation's error is.
 */
export function after<T>(
  act: Promise<T>,
  done: (result: T) => void,
  failed: (error: unknown) => void = () => {},
): void {
  act.then(done, failed);
}
