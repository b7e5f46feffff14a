import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { useCan, useMe } from "@/api/account";
import { useAddNote, useReply } from "@/api/inbox";
import { useWriting } from "@/api/inbox-writing";
import type { Citation, InboxConversation } from "@/api/types";
import { after } from "@/lib/after";
import { cx } from "@/lib/cx";
import { Button } from "@/ui/button";
import { FormErrors } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";
import { CannedMenu } from "./canned-menu";
import { draftOf, insertAt, keepDraft } from "./drafts";
import { Sources } from "./entry";
import { type Mode, Modes } from "./modes";
import { Suggest } from "./suggest";
import { shortName, whoAnswers } from "./who";
import { WindowShut, windowShut } from "./window-shut";

const LONGEST = 4_000;

interface ComposerProps {
  conversation: InboxConversation;
  /** Until when the channel takes free text; `null` where it always does. */
  windowClosesAt: string | null;
  onSource: (citations: readonly Citation[], n: number) => void;
}

/** Where a member writes: to the client, or a note that only the team sees. */
export function Composer(props: ComposerProps) {
  const [mode, setMode] = useState<Mode>("reply");
  const { conversation, windowClosesAt } = props;
  if (!useCan("answer")) {
    return (
      <p className="border-t border-line px-4 py-3 text-ink-3 md:px-6">
        Your role reads the inbox; an editor answers.
      </p>
    );
  }
  return (
    <div className="border-t border-line px-3 pt-2 pb-3 md:px-6 md:pb-4">
      <div className="mx-auto w-full max-w-200">
        <Modes mode={mode} onChange={setMode} />
        {mode === "reply" && windowShut(windowClosesAt) && (
          <WindowShut conversation={conversation} closedAt={windowClosesAt} />
        )}
        <Box {...props} mode={mode} onSent={() => setMode("reply")} />
      </div>
    </div>
  );
}

function Box({
  conversation,
  windowClosesAt,
  onSource,
  mode,
  onSent,
}: ComposerProps & { mode: Mode; onSent: () => void }) {
  const { id } = conversation;
  const draft = useDraft(id);
  const box = useRef<HTMLTextAreaElement>(null);
  const reply = useReply(id);
  const note = useAddNote(id);
  const writing = useWriting(id);
  const sending = mode === "reply" ? reply : note;
  const { member } = useMe();
  const mine = whoAnswers(conversation, member.id).is === "you";
  const client = shortName(conversation.client.display_name);
  const shut = mode === "reply" && windowShut(windowClosesAt);
  const ready = draft.text.trim() !== "" && !sending.isPending && !shut;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    after<unknown>(sending.mutateAsync(draft.text.trim()), () => {
      draft.set("");
      onSent();
    });
  }
  function suggested(words: string, citations: readonly Citation[]) {
    const before = draft.text;
    draft.set(words, citations);
    box.current?.focus();
    if (before.trim()) notify("Your words were replaced.", { undo: () => draft.set(before) });
  }
  function canned(words: string) {
    draft.set(insertAt(draft.text, words, box.current));
    box.current?.focus();
  }
  return (
    <form onSubmit={submit}>
      <FormErrors messages={formMessages(sending.error)} />
      <div
        className={cx(
          "rounded-md border p-1.5 focus-within:outline-2 focus-within:outline-accent",
          mode === "note" ? "border-signal bg-amber-soft" : "border-edge bg-raised",
        )}
      >
        <textarea
          ref={box}
          data-reply
          aria-label={mode === "note" ? "Note for your team" : `Reply to ${client}`}
          placeholder={mode === "note" ? "Only your team sees this" : `Write to ${client}`}
          rows={1}
          maxLength={LONGEST}
          value={draft.text}
          onChange={({ target }) => {
            draft.set(target.value, draft.drawnFrom);
            if (mode === "reply" && target.value !== "") writing();
          }}
          onKeyDown={sendOrLeave}
          className="field-sizing-content max-h-48 min-h-10 w-full resize-none bg-transparent px-2 py-1.5 text-base outline-none placeholder:text-ink-3 sm:min-h-14"
        />
        {draft.drawnFrom.length > 0 && mode === "reply" && (
          <div className="px-2 pb-2">
            <p className="text-xs text-ink-3">Suggested from these sources. Read it before you send it.</p>
            <Sources citations={draft.drawnFrom} onSource={onSource} />
          </div>
        )}
        <div className="flex flex-wrap items-center gap-1">
          {mode === "reply" && <CannedMenu onPick={canned} />}
          {mode === "reply" && <Suggest id={id} onSuggested={suggested} />}
          <Send mine={mine} mode={mode} ready={ready} busy={sending.isPending} />
        </div>
      </div>
    </form>
  );
}

/** Ctrl Enter sends; Escape leaves the box, so that the keys of the inbox act again. */
function sendOrLeave(event: KeyboardEvent<HTMLTextAreaElement>) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }
  if (event.key === "Escape") event.currentTarget.blur();
}

/** The words of one conversation that are not sent yet, and the sources a suggestion came with. */
function useDraft(conversation: string) {
  const [text, setText] = useState(() => draftOf(conversation));
  const [drawnFrom, setDrawnFrom] = useState<readonly Citation[]>([]);
  function set(next: string, citations: readonly Citation[] = []) {
    setText(next);
    keepDraft(conversation, next);
    setDrawnFrom(next ? citations : []);
  }
  return { text, drawnFrom, set };
}

interface SendProps {
  /** Whether the member answers already; sending takes over otherwise. */
  mine: boolean;
  mode: Mode;
  ready: boolean;
  busy: boolean;
}

function Send({ mine, mode, ready, busy }: SendProps) {
  const label = mode === "note" ? "Keep the note" : mine ? "Send" : "Take over and send";
  return (
    <Button
      type="submit"
      small
      variant="primary"
      className="ml-auto"
      disabled={!ready}
      busy={busy && (mode === "note" ? "Keeping it" : "Sending")}
      aria-label={busy ? undefined : label}
      title="Ctrl Enter"
      aria-keyshortcuts="Control+Enter"
    >
      {/* A phone has no room for all of it; the bar above says who answers. */}
      <span className="max-sm:hidden">{label}</span>
      <span className="sm:hidden">{mode === "note" ? label : "Send"}</span>
    </Button>
  );
}
