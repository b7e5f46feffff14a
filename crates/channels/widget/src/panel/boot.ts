import type { WidgetConfig } from "../shared/protocol";

/** What the server wrote into the page: saves the round trip for the configuration. */
export interface Boot {
  key: string;
  /** Origin of the host page when it is an allowed one. */
  host: string | null;
  /** The language the loader asked for. */
  lang: string | null;
  config: WidgetConfig;
}

export function readBoot(document: Document): Boot {
  const block = document.getElementById("coxswain-boot");
  if (!block?.textContent) throw new Error("the panel was served without its configuration");
  return JSON.parse(block.textContent) as Boot;
}
