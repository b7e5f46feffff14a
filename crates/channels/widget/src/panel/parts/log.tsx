import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { WidgetConfig } from "../../shared/protocol";
import { fill, type Language } from "../i18n";
import type { ChatState } from "../state";
import type { Attachment, Citation } from "../types";
import { Icon } from "./icons";
import { MessageView, PendingView, Questions } from "./message";

interface Props {
  state: ChatState;
  config: WidgetConfig;
  language: Language;
  onAsk(question: string): void;
  onResend(id: string): void;
  onDrop(id: string): void;
  picture(id: string): Promise<string>;
  onOpen(attachment: Attachment): void;
  onCite(citation: Citation): void;
  onRate(id: string, helpful: boolean, reason?: string): Promise<void>;
  onEarlier(): void;
}

/** Within this many pixels of the end, new words keep the end in view. */
const NEAR = 64;

/** The conversation so far, which follows its end unless the client reads further up. */
export function Log(props: Props) {
  const { state, config, language, onAsk, onResend, onDrop, onCite, onRate, onEarlier } = props;
  const { strings } = language;
  const box = useRef<HTMLDivElement>(null);
  const follow = useRef(true);
  const sent = useRef(0);
  const [away, setAway] = useState(false);
  const started = state.messages.length > 0 || state.pending.length > 0;

  const toEnd = () => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  };
  useLayoutEffect(() => {
    if (state.pending.length > sent.current) follow.current = true;
    sent.current = state.pending.length;
    if (follow.current) toEnd();
  });

  return (
    <div class="log-frame">
      <div
        class="log"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={strings.conversation}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by key
        tabIndex={0}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          follow.current = scrollHeight - scrollTop - clientHeight < NEAR;
          setAway(!follow.current);
        }}
      >
        {state.before !== null ? (
          <button type="button" class="inline earlier" onClick={onEarlier}>
            {strings.earlier}
          </button>
        ) : (
          config.greeting && (
            <article class="message theirs">
              <p class="hidden">{config.name}</p>
              <div class="text">
                <p class="verbatim" dir="auto">
                  {config.greeting}
                </p>
              </div>
            </article>
          )
        )}
        {state.expired && <p class="note">{strings.expired}</p>}
        {!started && state.phase === "ready" && config.questions.length > 0 && (
          <Questions label={strings.suggestions} questions={config.questions} onAsk={onAsk} />
        )}
        {state.messages.map((message) => (
          <MessageView
            key={message.id}
            message={message}
            name={config.name}
            language={language}
            picture={props.picture}
            onOpen={props.onOpen}
            questions={config.questions}
            helpful={state.feedback[message.id]}
            onCite={onCite}
            onRate={(helpful, reason) => onRate(message.id, helpful, reason)}
            onAsk={onAsk}
          />
        ))}
        {state.pending.map((pending) => (
          <PendingView
            key={pending.client_message_id}
            pending={pending}
            files={state.files}
            language={language}
            picture={props.picture}
            onResend={() => onResend(pending.client_message_id)}
            onDrop={() => onDrop(pending.client_message_id)}
          />
        ))}
        {state.presence.human_wanted && <p class="note">{fill(strings.humanComes, { name: config.name })}</p>}
        {state.presence.writing && (
          <p class="looking" role="status">
            {fill(strings.coachWriting, { name: config.name })}
          </p>
        )}
      </div>
      {away && (
        <button type="button" class="latest" aria-label={strings.latest} onClick={toEnd}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}
