import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { fill, type Strings } from "../i18n";
import { Icon } from "./icons";

/** The longest message the server takes, in UTF-16 units. */
export const LONGEST = 4_000;

interface Props {
  strings: Strings;
  /** An answer is coming: with nothing written, the button stops it. */
  answering: boolean;
  onSend(text: string): void;
  onStop(): void;
}

/** Where the client writes. Grows to five lines; on a touch screen Enter breaks the line. */
export function Composer({ strings, answering, onSend, onStop }: Props) {
  const [text, setText] = useState("");
  const ref = useRef<HTMLTextAreaElement>(null);
  const over = text.trim().length - LONGEST;
  const stop = answering && text.trim() === "";

  useLayoutEffect(() => {
    const area = ref.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  const submit = () => {
    const words = text.trim();
    if (words === "" || over > 0) return;
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
        disabled={!stop && (text.trim() === "" || over > 0)}
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
