import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { useCan, useMe } from "@/api/account";
import { useAddNote, useReply, useSuggestion } from "@/api/inbox";
import type { Citation, InboxConversation } from "@/api/types";
import { after } from "@/lib/after";
import { cx } from "@/lib/cx";
import { relative } from "@/lib/time";
import { Button } from "@/ui/button";
import { channelName } from "@/ui/channel";
import { FormErrors } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";
import { CannedMenu } from "./canned-menu";
import { draftOf, keepDraft, withoutMarks } from "./drafts";
import { Sources } from "./entry";
import { shortName, whoAnswers } from "./who";

const LONGEST = 4_000;

interface ComposerProps {
  conversation: InboxConversation;
  /** Until when the channel takes free text; `null` where it always does. */
  windowClosesAt: string | null;
  onSource: (citations: readonly Citation[], n: number) => void;
}

type Mode = "reply" | "note";

/** Where a member writes: to the client, or a note that only the team sees. */
export function Composer({ conversation, windowClosesAt, onSource }: ComposerProps) {
  const { member } = useMe();
  const mayAnswer = useCan("answer");
  const [mode, setMode] = useState<Mode>("reply");
  const [text, setDraft] = useState(() => draftOf(conversation.id));
  const [drawnFrom, setDrawnFrom] = useState<readonly Citation[]>([]);
  const box = useRef<HTMLTextAreaElement>(null);
  const reply = useReply(conversation.id);
  const note = useAddNote(conversation.id);
  const sending = mode === "reply" ? reply : note;
  const client = shortName(conversation.client.display_name);
  const who = whoAnswers(conversation, member.id);
  const shut = mode === "reply" && windowShut(windowClosesAt);
  const ready = text.trim() !== "" && !sending.isPending && !shut;

  const label = mode === "note" ? "Keep the note" : who.is === "you" ? "Send" : "Take over and send";

  function setText(next: string) {
    setDraft(next);
    keepDraft(conversation.id, next);
    if (!next) setDrawnFrom([]);
  }
  function insert(words: string) {
    setText(insertAt(text, words, box.current));
    box.current?.focus();
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    after<unknown>(sending.mutateAsync(text.trim()), () => {
      setText("");
      setDrawnFrom([]);
      setMode("reply");
    });
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
    if (event.key === "Escape") event.currentTarget.blur();
  }

  if (!mayAnswer) {
    return (
      <p className="border-t border-line px-4 py-3 text-ink-3 md:px-6">
        Your role reads the inbox; an editor answers.
      </p>
    );
  }
  return (
    <form onSubmit={submit} className="border-t border-line px-3 pt-2 pb-3 md:px-6 md:pb-4">
      <div className="mx-auto w-full max-w-200">
        <Modes mode={mode} onChange={setMode} />
        {shut && windowClosesAt && (
          <p role="status" className="mb-2 rounded-md bg-amber-soft px-3 py-2 text-amber">
            {channelName(conversation.channel?.kind ?? "whatsapp")} closed its 24-hour window{" "}
            {relative(windowClosesAt)}. You can write again as soon as {client} does; until then only a
            check-in with an approved template reaches them.
          </p>
        )}
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
            value={text}
            onChange={({ target }) => setText(target.value)}
            onKeyDown={onKeyDown}
            className="field-sizing-content max-h-48 min-h-10 sm:min-h-14 w-full resize-none bg-transparent px-2 py-1.5 text-base outline-none placeholder:text-ink-3"
          />
          {drawnFrom.length > 0 && mode === "reply" && (
            <div className="px-2 pb-2">
              <p className="text-xs text-ink-3">Suggested from these sources. Read it before you send it.</p>
              <Sources citations={drawnFrom} onSource={onSource} />
            </div>
          )}
          <div className="flex flex-wrap items-center gap-1">
            {mode === "reply" && (
              <>
                <CannedMenu onPick={insert} />
                <Suggest
                  id={conversation.id}
                  onSuggested={(words, citations) => {
                    const before = text;
                    setText(words);
                    setDrawnFrom(citations);
                    box.current?.focus();
                    if (before.trim()) notify("Your words were replaced.", { undo: () => setText(before) });
                  }}
                />
              </>
            )}
            <Button
              type="submit"
              small
              variant="primary"
              className="ml-auto"
              disabled={!ready}
              busy={sending.isPending && (mode === "note" ? "Keeping it" : "Sending")}
              aria-label={sending.isPending ? undefined : label}
              title="Ctrl Enter"
              aria-keyshortcuts="Control+Enter"
            >
              {/* A phone has no room for all of it; the bar above says who answers. */}
              <span className="max-sm:hidden">{label}</span>
              <span className="sm:hidden">{mode === "note" ? label : "Send"}</span>
            </Button>
          </div>
        </div>
      </div>
    </form>
  );
}

function Modes({ mode, onChange }: { mode: Mode; onChange: (mode: Mode) => void }) {
  return (
    <fieldset aria-label="What you write" className="mb-1.5 flex gap-1">
      {(["reply", "note"] as const).map((known) => (
        <button
          key={known}
          type="button"
          aria-pressed={mode === known}
          onClick={() => onChange(known)}
          className={cx(
            "h-7 rounded-sm px-2 pointer-coarse:h-11 pointer-coarse:px-3",
            mode === known ? "bg-hover font-medium text-ink" : "text-ink-2 hover:text-ink",
          )}
        >
          {known === "reply" ? "Reply" : "Note"}
        </button>
      ))}
    </fieldset>
  );
}

interface SuggestProps {
  id: string;
  onSuggested: (text: string, citations: readonly Citation[]) => void;
}

function Suggest({ id, onSuggested }: SuggestProps) {
  const suggestion = useSuggestion(id);
  function ask() {
    after(
      suggestion.mutateAsync(),
      ({ text, citations, abstained }) =>
        abstained || !text.trim()
          ? notify("Your material doesn't cover this, so there is nothing to suggest.")
          : onSuggested(withoutMarks(text), citations),
      () => notify("No suggestion came back. What you typed is still here.", { tone: "bad" }),
    );
  }
  return (
    <Button
      small
      variant="quiet"
      busy={suggestion.isPending && "Looking through your material"}
      onClick={ask}
    >
      Suggest a reply
    </Button>
  );
}

const windowShut = (closesAt: string | null) => closesAt !== null && Date.parse(closesAt) <= Date.now();

/** Puts `words` where the caret stands, or in place of what is selected. */
function insertAt(text: string, words: string, box: HTMLTextAreaElement | null): string {
  const start = box?.selectionStart ?? text.length;
  const end = box?.selectionEnd ?? text.length;
  const gap = start > 0 && !/\s$/.test(text.slice(0, start)) ? " " : "";
  return `${text.slice(0, start)}${gap}${words}${text.slice(end)}`;
}
