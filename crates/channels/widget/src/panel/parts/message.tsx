import type { FilesState } from "../files";
import { fill, type Language, type Strings } from "../i18n";
import { Markdown } from "../markdown";
import type { Attachment, Citation, Message, Pending } from "../types";
import { Attachments } from "./attachment";
import { Chips } from "./citations";
import { Feedback } from "./feedback";
import { Chosen, refusalWords } from "./tray";

interface Props {
  message: Message;
  name: string;
  language: Language;
  questions: string[];
  /** What the client thinks of it. */
  helpful: boolean | undefined;
  onCite(citation: Citation): void;
  onRate(helpful: boolean, reason?: string): Promise<void>;
  onAsk(question: string): void;
  picture(id: string): Promise<string>;
  onOpen(attachment: Attachment): void;
}

function author(message: Message, name: string, strings: Strings): string {
  if (message.author === "client") return strings.you;
  return message.author === "check_in" ? `${name}, ${strings.checkIn}` : name;
}

function time(message: Message, tag: string): string {
  return new Intl.DateTimeFormat(tag, { hour: "numeric", minute: "2-digit" }).format(
    new Date(message.created_at),
  );
}

/** One message of the log. */
export function MessageView(props: Props) {
  const { message, name, language, questions, helpful, onCite, onRate, onAsk } = props;
  const { strings, tag } = language;
  const carried = message.attachments ?? [];
  const mine = message.author === "client";
  const streaming = message.status === "streaming";
  const reference = (n: number) => {
    const citation = message.citations.find((one) => one.n === n);
    return citation ? (
      <button
        type="button"
        class="ref"
        aria-haspopup="dialog"
        aria-label={fill(strings.source, { n, title: citation.title })}
        onClick={() => onCite(citation)}
      >
        {n}
      </button>
    ) : null;
  };
  // A draft that nobody saw a word of was overtaken by what the client wrote next.
  if (message.status === "cancelled" && message.text === "" && message.author === "engine") return null;
  const byPerson = message.author === "check_in" || message.author === "coach";
  return (
    <article class={`message ${mine ? "mine" : "theirs"}`} aria-busy={streaming}>
      <p class={byPerson ? "label" : "hidden"}>
        {author(message, name, strings)} <time dateTime={message.created_at}>{time(message, tag)}</time>
      </p>
      {carried.length > 0 && (
        <Attachments
          attachments={carried}
          language={language}
          picture={props.picture}
          onOpen={props.onOpen}
        />
      )}
      {/* What stands in the conversation for files says no more than their names. */}
      {message.text !== "" && carried.length === 0 && (
        <div class="text">
          {mine ? (
            <p class="verbatim" dir="auto">
              {message.text}
            </p>
          ) : (
            <Markdown text={message.text} marks={{ reference }} />
          )}
        </div>
      )}
      {streaming && message.text === "" && (
        <p class="looking">
          {strings.looking}
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </p>
      )}
      {message.status === "cancelled" && <p class="note">{strings.stopped}</p>}
      {message.status === "failed" && (
        <p class="note problem">{message.problem?.sentence ?? strings.brokeOff}</p>
      )}
      {message.citations.length > 0 && !streaming && (
        <Chips citations={message.citations} strings={strings} onOpen={onCite} />
      )}
      {message.abstained && !streaming && questions.length > 0 && (
        <Questions label={strings.askInstead} questions={questions} onAsk={onAsk} />
      )}
      {message.author === "engine" && message.status === "done" && (
        <Feedback id={message.id} strings={strings} helpful={helpful} onRate={onRate} />
      )}
    </article>
  );
}

interface PendingProps {
  pending: Pending;
  files: FilesState;
  language: Language;
  picture(id: string): Promise<string>;
  onResend(): void;
  onDrop(): void;
}

/** A message the server does not have yet. */
export function PendingView({ pending, files, language, picture, onResend, onDrop }: PendingProps) {
  const { strings } = language;
  const failed = pending.state === "failed";
  const carried = pending.files ?? [];
  const empty = pending.text === "" && carried.length === 0;
  return (
    <article class="message mine" aria-busy={!failed}>
      <p class="hidden">{strings.you}</p>
      {carried.length > 0 && (
        <ul class="carried" aria-label={strings.files}>
          {carried.map((file) => (
            <li key={file.id} class="file unsent">
              <Chosen
                upload={files.uploads[file.id] ?? { ...file, state: "waiting", progress: 0 }}
                language={language}
                picture={picture}
              />
            </li>
          ))}
        </ul>
      )}
      {pending.text !== "" && (
        <div class="text unsent">
          <p class="verbatim" dir="auto">
            {pending.text}
          </p>
        </div>
      )}
      {pending.refused && (
        <p class="note problem">{refusalWords(pending.refused.name, pending.refused.why, strings)}</p>
      )}
      {failed ? (
        <p class="note problem">
          {pending.wait === undefined ? strings.notSent : fill(strings.waitThenSend, { n: pending.wait })}{" "}
          {!empty && (
            <button type="button" class="inline" onClick={onResend}>
              {strings.sendAgain}
            </button>
          )}
          {(empty || carried.length > 0) && (
            <button type="button" class="inline" onClick={onDrop}>
              {strings.dropMessage}
            </button>
          )}
        </p>
      ) : (
        <p class="note">{strings.sending}</p>
      )}
    </article>
  );
}

/** Questions as buttons; pressing one makes it the client's own message. */
export function Questions(props: { label: string; questions: string[]; onAsk(question: string): void }) {
  return (
    <section class="questions" aria-label={props.label}>
      <p class="label">{props.label}</p>
      {props.questions.map((question) => (
        <button type="button" key={question} dir="auto" onClick={() => props.onAsk(question)}>
          {question}
        </button>
      ))}
    </section>
  );
}
