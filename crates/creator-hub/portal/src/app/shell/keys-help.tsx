import { useState } from "react";
import { enableLetters, lettersEnabled } from "@/lib/hotkeys";
import { Dialog } from "@/ui/dialog";
import { Switch } from "@/ui/switch";
import { PLACES } from "../nav";

const GENERAL = [
  ["Ctrl K or ⌘K", "Find a page, a document or an action"],
  ["/", "Go to the search of this page"],
  ["?", "This list"],
  ["Esc", "Close what is open"],
  ["Enter", "Send in Test chat (Shift Enter breaks the line)"],
  ["J, K", "Next and previous conversation of the inbox"],
  ["T", "Take over a conversation, or hand it back"],
  ["R", "Write a reply (Ctrl Enter sends it)"],
  ["← →", "Previous and next page of a document"],
] as const;

export function KeysHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const [letters, setLetters] = useState(lettersEnabled);
  function change(on: boolean) {
    enableLetters(on);
    setLetters(on);
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keys">
      <dl className="divide-y divide-line border-y border-line">
        {[
          ...GENERAL,
          ...PLACES.map(({ key, name }) => [`G then ${key.toUpperCase()}`, `Go to ${name}`] as const),
        ].map(([keys, does]) => (
          <div key={keys} className="flex gap-4 py-1.5">
            <dt className="w-32 shrink-0 text-ink-2">{keys}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-4 flex items-center justify-between gap-4">
        <span>Single-letter keys in this browser</span>
        <Switch checked={letters} onChange={change} label="Single-letter keys in this browser" />
      </div>
    </Dialog>
  );
}
