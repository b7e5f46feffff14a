import { useEffect, useRef, useState } from "preact/hooks";
import type { Strings } from "../i18n";
import { Icon } from "./icons";

/** One thing the menu offers. */
export interface Entry {
  label: string;
  /** How it stands. */
  value?: string;
  act(): void;
}

/** The header's menu: a disclosure, so that Tab walks it like everything else. */
export function Menu({ strings, entries }: { strings: Strings; entries: Entry[] }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only listens for Escape on its way up
    <div
      class="menu"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        type="button"
        class="quiet"
        ref={button}
        aria-label={strings.menu}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="menu" />
      </button>
      {open && (
        <div class="menu-list">
          {entries.map(({ label, value, act }) => (
            <button
              type="button"
              key={label}
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                act();
              }}
            >
              <span>{label}</span>
              {value !== undefined && <span class="value">{value}</span>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
