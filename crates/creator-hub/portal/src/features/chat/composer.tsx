import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useUnread } from "@/api/chat";
import { asFailure } from "@/api/problem";
import { Button } from "@/ui/button";
import { notify } from "@/ui/toast";

interface ComposerProps {
  answering: boolean;
  onSend: (text: string) => void;
  onCancel: () => Promise<unknown>;
}

const LONGEST = 4_000;

export function Composer({ answering, onSend, onCancel }: ComposerProps) {
  const [text, setText] = useState("");
  const ready = text.trim() !== "" && !answering;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    onSend(text.trim());
    setText("");
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // On a touch keyboard Enter breaks the line; there is a button to send.
    const touch = window.matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && !touch) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
  }
  return (
    <form onSubmit={submit} className="mx-auto w-full max-w-180 px-4 pt-2 pb-4 sm:px-8">
      <NotYetSearchable />
      <div className="flex items-end gap-2 rounded-md border border-edge bg-raised p-1.5 focus-within:outline-2 focus-within:outline-accent">
        <textarea
          aria-label="Your question"
          placeholder="Ask as a client would"
          rows={1}
          maxLength={LONGEST}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="field-sizing-content max-h-32 min-h-9 flex-1 resize-none bg-transparent px-2 py-1.5 text-base outline-none placeholder:text-ink-3"
        />
        {answering ? (
          <Button
            onClick={() => onCancel().catch((error) => notify(asFailure(error).message, { tone: "bad" }))}
          >
            Stop
          </Button>
        ) : (
          <Button type="submit" variant="primary" disabled={!ready}>
            Ask
          </Button>
        )}
      </div>
    </form>
  );
}

function NotYetSearchable() {
  const unread = useUnread();
  if (!unread.data?.titles.length) return null;
  const { titles, more } = unread.data;
  return (
    <p role="status" className="mb-2 text-amber">
      Not searchable yet: {titles.join(", ")}
      {more && " and more"}.
    </p>
  );
}
