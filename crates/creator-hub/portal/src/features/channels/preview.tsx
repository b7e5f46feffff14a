import { useEffect, useRef, useState } from "react";
import type { ChannelAccount, WidgetSettings } from "@/api/types";

/**
 * The panel itself in a frame. It is given the unsaved settings by message, so that it shows them
 * as they are typed; a panel that does not listen shows what is saved.
 */
export function Preview({ account, settings }: { account: ChannelAccount; settings: WidgetSettings }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [loaded, setLoaded] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newly loaded panel must be told again.
  useEffect(() => {
    frame.current?.contentWindow?.postMessage({ type: "coxswain:preview", settings }, location.origin);
  }, [settings, loaded]);
  return (
    <div className="lg:sticky lg:top-6">
      <h3 className="mb-2 text-xs font-medium text-ink-3">Preview</h3>
      <div className="h-160 max-h-[80dvh] overflow-hidden rounded-md border border-line bg-sunken">
        <iframe
          ref={frame}
          // A saved change is a new version: the frame then reads what visitors will get.
          key={account.version}
          src={`/w/${account.public_key}/panel?preview=1`}
          title="Preview of the widget"
          onLoad={() => setLoaded((before) => before + 1)}
          className="size-full border-0"
        />
      </div>
      {!account.enabled && <p className="mt-2 text-amber">The widget is off, so visitors don't see it.</p>}
    </div>
  );
}
