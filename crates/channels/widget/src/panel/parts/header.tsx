import { useState } from "preact/hooks";
import type { WidgetConfig } from "../../shared/protocol";
import { fill, type Strings } from "../i18n";
import type { Presence } from "../types";
import { Icon } from "./icons";
import { type Entry, Menu } from "./menu";

interface Props {
  config: WidgetConfig;
  strings: Strings;
  presence: Presence;
  menu: Entry[];
  /** Absent when nothing could close the panel. */
  onClose: (() => void) | null;
}

/** Who answers now, in a line. */
function who(presence: Presence, strings: Strings): string {
  if (presence.human) return strings.isHere;
  return presence.human_wanted ? strings.isAsked : strings.answersFrom;
}

/** Who answers here, the menu, and the way out. */
export function Header({ config, strings, presence, menu, onClose }: Props) {
  // The address that failed: another one gets its own try.
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <header class="head">
      {config.picture_url && config.picture_url !== broken ? (
        <img
          class="face"
          src={config.picture_url}
          alt=""
          referrerpolicy="no-referrer"
          onError={() => setBroken(config.picture_url)}
        />
      ) : (
        <span class="face" aria-hidden="true">
          {[...config.name.trim()][0]?.toUpperCase() ?? ""}
        </span>
      )}
      <div class="who">
        <h1>
          <bdi>{config.name}</bdi>
        </h1>
        <p class={presence.human ? "here" : undefined} role="status">
          {fill(who(presence, strings), { name: config.name })}
        </p>
      </div>
      {menu.length > 0 && <Menu strings={strings} entries={menu} />}
      {onClose && (
        <button type="button" class="quiet" aria-label={strings.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}
