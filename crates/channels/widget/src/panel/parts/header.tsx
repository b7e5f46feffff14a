import { useEffect, useRef, useState } from "preact/hooks";
import type { WidgetConfig } from "../../shared/protocol";
import { fill, type Strings } from "../i18n";
import { Icon } from "./icons";

interface Props {
  config: WidgetConfig;
  strings: Strings;
  checkIns: boolean;
  /** Absent when nothing could close the panel. */
  onClose: (() => void) | null;
  onCheckIns(): void;
}

/** Who answers here, the menu, and the way out. */
export function Header({ config, strings, checkIns, onClose, onCheckIns }: Props) {
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
        <p>{fill(strings.answersFrom, { name: config.name })}</p>
      </div>
      {(config.check_ins_offered || checkIns) && (
        <Menu strings={strings} checkIns={checkIns} onCheckIns={onCheckIns} />
      )}
      {onClose && (
        <button type="button" class="quiet" aria-label={strings.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}

/** The header's menu: a disclosure, so that Tab walks it like everything else. */
function Menu(props: { strings: Strings; checkIns: boolean; onCheckIns(): void }) {
  const { strings, checkIns, onCheckIns } = props;
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
          <button
            type="button"
            onClick={() => {
              setOpen(false);
              button.current?.focus();
              onCheckIns();
            }}
          >
            <span>{strings.checkIns}</span>
            <span class="value">{checkIns ? strings.on : strings.off}</span>
          </button>
        </div>
      )}
    </div>
  );
}
