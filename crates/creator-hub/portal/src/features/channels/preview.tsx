import type { ChannelAccount } from "@/api/types";

/** The panel itself in a frame, as visitors get it. */
export function Preview({ account, dirty }: { account: ChannelAccount; dirty: boolean }) {
  return (
    <div className="lg:sticky lg:top-6">
      <h3 className="mb-2 text-xs font-medium text-ink-3">Preview</h3>
      <div className="h-160 max-h-[80dvh] overflow-hidden rounded-md border border-line bg-sunken">
        <iframe
          // A saved change is a new version: the frame then reads what visitors will get.
          key={account.version}
          src={`/w/${account.public_key}/panel?preview=1`}
          title="Preview of the widget"
          className="size-full border-0"
        />
      </div>
      <p role="status" className="mt-2 text-ink-3">
        {dirty && "Save to see your changes here."}
        {!account.enabled && " The widget is off, so visitors don't see it."}
      </p>
    </div>
  );
}
