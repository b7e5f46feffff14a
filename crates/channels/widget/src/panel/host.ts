import { type FromLoader, type FromPanel, seal, unseal } from "../shared/protocol";

/** The page that shows us. Without one (opened directly, or in the portal's preview) nothing is said or heard here. */
export class Host {
  constructor(private readonly origin: string | null) {}

  /** Whether a loader can open and close us. */
  get present(): boolean {
    return this.origin !== null && window.parent !== window;
  }

  tell(message: FromPanel): void {
    if (this.origin !== null && window.parent !== window)
      window.parent.postMessage(seal(message), this.origin);
  }

  listen(hear: (message: FromLoader) => void): void {
    window.addEventListener("message", (event) => {
      if (this.origin === null || event.origin !== this.origin || event.source !== window.parent) return;
      const message = unseal<FromLoader>(event.data);
      if (message) hear(message);
    });
  }
}
