import { useEffect, useRef } from "react";

const OFF = "cx-keys-off";

/** Single-letter keys can be switched off (WCAG 2.1.4); remembered in this browser. */
export function lettersEnabled(): boolean {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

export function enableLetters(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // Storage may be blocked; the keys then stay as they are.
  }
}

/** True where letters are being typed, so that they must not act. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Begins a sequence; what follows within a second is no key of its own, whoever listens. */
const BEGINS = "g";

/**
 * Global keys. A name is `mod+k` (⌘ or Ctrl), a key in lower case, or two with a space between for a
 * sequence ("g k", within a second).
 */
export function useHotkeys(keys: Record<string, () => void>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || event.altKey) return;
      const run = (name: string) => {
        const act = current.current[name];
        if (!act) return false;
        event.preventDefault();
        act();
        return true;
      };
      const pressed = event.key.toLowerCase();
      if (event.metaKey || event.ctrlKey) {
        run(`mod+${pressed}`);
        return;
      }
      if (isTyping(event.target) || !lettersEnabled() || document.querySelector("[role=dialog]")) return;
      const begun = event.timeStamp - firstAt < 1_000 ? first : "";
      first = "";
      if (begun && run(`${begun} ${pressed}`)) return;
      if (begun !== BEGINS && run(pressed)) return;
      first = pressed;
      firstAt = event.timeStamp;
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
