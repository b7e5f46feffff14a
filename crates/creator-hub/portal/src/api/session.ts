/**
 * The session lives in HttpOnly cookies; this module only knows how to renew it once for
 * everybody who asks at the same time, and whom to tell when that fails.
 */
let renewal: Promise<boolean> | null = null;
let onLost: () => void = () => {};

export function whenSessionIsLost(handler: () => void): void {
  onLost = handler;
}

export function sessionLost(): void {
  onLost();
}

/** True when the refresh cookie bought a new access cookie. Concurrent callers share one request. */
export function renewSession(): Promise<boolean> {
  renewal ??= fetch("/api/v1/auth/refresh", {
    method: "POST",
    headers: { "X-Requested-With": "coxswain" },
  })
    .then((response) => response.ok)
    .catch(() => false)
    .finally(() => {
      renewal = null;
    });
  return renewal;
}
