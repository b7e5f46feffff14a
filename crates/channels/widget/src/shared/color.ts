/** Colour arithmetic that keeps text readable whatever accent a creator picks (WCAG 2.2 contrast). */

export type Rgb = readonly [number, number, number];

const FALLBACK: Rgb = [0x1f, 0x5f, 0x8b];
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** `#rrggbb` as numbers; anything else is the default accent. */
export function parseHex(text: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim());
  if (!match) return FALLBACK;
  return [1, 2, 3].map((group) => Number.parseInt(match[group] as string, 16)) as unknown as Rgb;
}

export function toHex(color: Rgb): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** White or black, whichever reads on `surface`; one of the two always reaches 4.5. */
export function readableOn(surface: Rgb): Rgb {
  return contrast(WHITE, surface) >= 4.5 ? WHITE : BLACK;
}

/** `color`, moved towards black or white only as far as `ratio` against `background` needs. */
export function adjusted(color: Rgb, background: Rgb, ratio: number): Rgb {
  const goal = luminance(background) > 0.18 ? BLACK : WHITE;
  for (let step = 0; step <= 20; step++) {
    const mixed = color.map((part, i) => part + ((goal[i] as number) - part) * (step / 20)) as unknown as Rgb;
    if (contrast(mixed, background) >= ratio) return mixed;
  }
  return goal;
}
