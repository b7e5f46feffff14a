import { adjusted, parseHex, type Rgb, readableOn, toHex } from "../shared/color";
import type { WidgetConfig } from "../shared/protocol";

// The papers of style.css, as numbers to compute contrast against.
const PAPER: Record<"light" | "dark", Rgb> = { light: [0xfc, 0xfa, 0xf7], dark: [0x1a, 0x1d, 0x23] };

/** Sets the colour scheme and the accent's three uses: as a surface, on that surface, and as text on paper. */
export function applyTheme(root: HTMLElement, config: WidgetConfig, prefersDark: boolean): void {
  const dark = config.theme === "dark" || (config.theme === "auto" && prefersDark);
  const scheme = dark ? "dark" : "light";
  const accent = parseHex(config.accent);
  root.dataset.theme = scheme;
  root.style.setProperty("--accent", toHex(accent));
  root.style.setProperty("--on-accent", toHex(readableOn(accent)));
  root.style.setProperty("--accent-ink", toHex(adjusted(accent, PAPER[scheme], 4.5)));
}
