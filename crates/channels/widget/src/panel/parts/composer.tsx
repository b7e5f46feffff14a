import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { FilesState } from "../files";
import { fill, type Language } from "../i18n";
import { accepted } from "../kinds";
import type { AttachmentKind } from "../types";
import { Icon } from "./icons";
import { Tray } from "./tray";

/** The longest message the server takes, in UTF-16 units. */
export const LONGEST = 4_000;

interface Props {
  language: Language;
  files: FilesState;
  /** Kinds of file that may be sent; none: no files. */
  kinds: readonly AttachmentKind[];
  /** An answer is coming: with nothing written, the button stops it. */
  answering: boolean;
  picture(id: string): Promise<string>;
  onAttach(files: Iterable<File>): void;
  onDetach(id: string): void;
  onSend(text: string): void;
  onStop(): void;
}

/** Where the client writes. Grows to five lines; on a touch screen Enter breaks the line. */
export function Composer(props: Props) {
  const { language, files, kinds, answering, onAttach, onSend, onStop } = props;
  const { strings } = language;
  const [text, setText] = useState("");
  const ref = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const over = text.trim().length - LONGEST;
  const carries = files.tray.some(({ state }) => state !== "refused");
  const nothing = text.trim() === "" && !carries;
  const stop = answering && nothing;

  useLayoutEffect(() => {
    const area = ref.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  const submit = () => {
    const words = text.trim();
    if (nothing || over > 0) return;
    setText("");
    onSend(words);
    ref.current?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (stop) onStop();
        else submit();
      }}
    >
      <Tray files={files} language={language} picture={props.picture} onDetach={props.onDetach} />
      {kinds.length > 0 && (
        <>
          <input
            ref={picker}
            type="file"
            hidden
            multiple
            tabIndex={-1}
            accept={accepted(kinds)}
            onChange={({ currentTarget }) => {
              onAttach([...(currentTarget.files ?? [])]);
              // The same file may be chosen again after it was taken back.
              currentTarget.value = "";
              ref.current?.focus();
            }}
          />
          <button
            type="button"
            class="attach"
            aria-label={strings.attach}
            title={strings.attach}
            onClick={() => picker.current?.click()}
          >
            <Icon name="attach" />
          </button>
        </>
      )}
      <label class="hidden" for="composer">
        {strings.message}
      </label>
      <textarea
        id="composer"
        ref={ref}
        rows={1}
        dir="auto"
        value={text}
        placeholder={strings.placeholder}
        enterkeyhint={matchMedia("(pointer: coarse)").matches ? "enter" : "send"}
        aria-invalid={over > 0}
        aria-describedby={over > 0 ? "too-long" : undefined}
        onInput={(event) => setText(event.currentTarget.value)}
        onPaste={(event) => {
          const pasted = [...(event.clipboardData?.files ?? [])];
          if (kinds.length === 0 || pasted.length === 0) return;
          event.preventDefault();
          onAttach(pasted);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          if (matchMedia("(pointer: coarse)").matches) return;
          event.preventDefault();
          submit();
        }}
      />
      <button
        type="submit"
        class="send"
        aria-label={stop ? strings.stop : strings.send}
        disabled={!stop && (nothing || over > 0)}
      >
        <Icon name={stop ? "stop" : "send"} />
      </button>
      {over > 0 && (
        <p class="note problem" id="too-long" role="alert">
          {fill(strings.tooLong, { n: over })}
        </p>
      )}
    </form>
  );
}
