import { en } from "./strings/en";

/** Every sentence of the panel. `{name}` and the like are filled in by {@link fill}. */
export type Strings = { readonly [K in keyof typeof en]: string };

const LOADERS: Record<string, () => Promise<Strings>> = {
  ar: () => import("./strings/ar").then((module) => module.ar),
  de: () => import("./strings/de").then((module) => module.de),
  es: () => import("./strings/es").then((module) => module.es),
  fr: () => import("./strings/fr").then((module) => module.fr),
  he: () => import("./strings/he").then((module) => module.he),
  pt: () => import("./strings/pt").then((module) => module.pt),
};
const RIGHT_TO_LEFT = new Set(["ar", "he", "fa", "ur", "yi"]);

export interface Language {
  /** BCP 47 tag, also used to write dates. */
  tag: string;
  direction: "ltr" | "rtl";
  strings: Strings;
}

const base = (tag: string) => tag.toLowerCase().split("-")[0] ?? "";

/** The first of `wanted` that we speak, else English. A language file that does not arrive leaves English too. */
export async function chooseLanguage(wanted: readonly (string | null)[]): Promise<Language> {
  for (const tag of wanted) {
    if (!tag || tag === "auto") continue;
    const code = base(tag);
    if (code === "en") return { tag, direction: "ltr", strings: en };
    const load = Object.hasOwn(LOADERS, code) ? LOADERS[code] : undefined;
    if (!load) continue;
    try {
      return { tag, direction: RIGHT_TO_LEFT.has(code) ? "rtl" : "ltr", strings: await load() };
    } catch {
      break;
    }
  }
  return { tag: "en", direction: "ltr", strings: en };
}

/** Puts values where `{name}` stands. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/** The browser's IANA zone. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Milliseconds as `m:ss` or `h:mm:ss`. */
export function clockTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
