import { useCallback, useEffect, useMemo, useRef } from "react";
import { useMe } from "@/api/account";
import type { ChannelAccount, WidgetSettings } from "@/api/types";
import { previewConfig, saysReady, settingsMessage } from "./preview-config";

/** Long enough that a word in the middle of being typed is not drawn letter by letter. */
const PAUSE_MS = 150;

interface PreviewProps {
  account: ChannelAccount;
  /** What stands in the form, saved or not. */
  form: WidgetSettings;
  dirty: boolean;
}

/** The panel itself in a frame, drawn from what stands in the form. */
export function Preview({ account, form, dirty }: PreviewProps) {
  const { name: practice } = useMe().creator;
  const { enabled } = account;
  const config = useMemo(() => previewConfig(form, { enabled }, practice), [form, enabled, practice]);
  const frame = useFrame(config);
  return (
    <div className="lg:sticky lg:top-6">
      <h3 className="mb-2 text-xs font-medium text-ink-3">Preview</h3>
      <div className="h-160 max-h-[80dvh] overflow-hidden rounded-md border border-line bg-sunken">
        <iframe
          ref={frame}
          src={`/w/${account.public_key}/panel?preview=1`}
          title="Preview of the widget"
          className="size-full border-0"
        />
      </div>
      <p role="status" className="mt-2 text-ink-3">
        {dirty && "Visitors see your changes once you save."}
        {!enabled && " The widget is off, so visitors don't see it."}
      </p>
    </div>
  );
}

/** Keeps the panel in the frame at `config`: as soon as it listens, and a moment after each change. */
function useFrame(config: ReturnType<typeof previewConfig>) {
  const frame = useRef<HTMLIFrameElement>(null);
  const latest = useRef(config);
  const post = useCallback(() => {
    frame.current?.contentWindow?.postMessage(settingsMessage(latest.current), location.origin);
  }, []);
  useEffect(() => {
    latest.current = config;
    const timer = setTimeout(post, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [config, post]);
  useEffect(() => {
    const hear = (event: MessageEvent) => {
      if (event.origin !== location.origin || event.source !== frame.current?.contentWindow) return;
      if (saysReady(event.data)) post();
    };
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }, [post]);
  return frame;
}
