import { useCallback, useEffect, useState } from "preact/hooks";
import type { WidgetConfig } from "../shared/protocol";
import type { Host } from "./host";
import type { Language, Strings } from "./i18n";
import { plain } from "./markdown";
import { CitationSheet } from "./parts/citations";
import { Composer } from "./parts/composer";
import { ConsentSheet } from "./parts/consent";
import { DropArea } from "./parts/drop-area";
import { ElsewhereSheet } from "./parts/elsewhere";
import { Header } from "./parts/header";
import { Log } from "./parts/log";
import type { Entry } from "./parts/menu";
import { PictureSheet } from "./parts/picture-sheet";
import { save } from "./save";
import type { ChatState } from "./state";
import type { Talk } from "./talk";
import type { Attachment, Citation } from "./types";

interface Props {
  chat: Talk;
  host: Host;
  config: WidgetConfig;
  language: Language;
}

type Sheet =
  | { kind: "citation"; citation: Citation }
  | { kind: "picture"; attachment: Attachment }
  | { kind: "consent" }
  | { kind: "elsewhere" };

/** What is the matter, if anything is. */
function trouble(state: ChatState, failed: boolean, strings: Strings): string | null {
  if (!state.online) return strings.offline;
  if (state.health === "down") return strings.reconnecting;
  if (state.barred === "refused") return strings.notConfirmed;
  return failed ? strings.failed : null;
}

/** The whole panel. */
export function App({ chat, host, config, language }: Props) {
  const { strings } = language;
  const [state, setState] = useState(chat.state);
  const [sheet, setSheet] = useState<Sheet | null>(null);
  // Something from the menu did not work.
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const show = () => setState(chat.state);
    // The conversation may have moved on between drawing and subscribing.
    show();
    return chat.subscribe(show);
  }, [chat]);
  const attempt = (act: () => Promise<void>) => {
    setFailed(false);
    act().catch(() => setFailed(true));
  };
  const ask = (question: string) => {
    void chat.send(question);
    // The button that was pressed is gone: the keyboard goes on where one writes.
    if (!matchMedia("(pointer: coarse)").matches) document.getElementById("composer")?.focus();
  };
  const signedOut =
    state.barred === "required" || (config.identity === "required" && !state.known && state.barred === null);
  const menu: Entry[] = [];
  if (config.available && !signedOut) {
    if (!state.presence.human && !state.presence.human_wanted)
      menu.push({
        label: strings.talkToPerson,
        act: () => attempt(() => chat.wantHuman(strings.talkToPerson)),
      });
    menu.push({
      label: config.elsewhere.length > 0 ? strings.elsewhere : strings.enterCode,
      act: () => setSheet({ kind: "elsewhere" }),
    });
  }
  if (state.messages.length > 0)
    menu.push({
      label: strings.saveTranscript,
      act: () => attempt(async () => chat.transcript().then(({ text, name }) => save(text, name))),
    });
  if ((config.check_ins_offered && !signedOut) || state.checkIns)
    menu.push({
      label: strings.checkIns,
      value: state.checkIns ? strings.on : strings.off,
      act: () => setSheet({ kind: "consent" }),
    });
  const writable = config.available && !signedOut;
  const attach = useCallback(
    (files: Iterable<File>) => chat.files.attach(files, config.attachments),
    [chat, config],
  );
  const picture = useCallback((id: string) => chat.files.picture(id), [chat]);
  const saveFile = (attachment: Attachment) =>
    attempt(async () => save(await chat.files.fetch(attachment), attachment.name));
  const open = (attachment: Attachment) => {
    if (attachment.kind === "image") setSheet({ kind: "picture", attachment });
    else saveFile(attachment);
  };
  const notice = trouble(state, failed, strings);
  const close = () => setSheet(null);

  return (
    <div class="app">
      <Header
        config={config}
        strings={strings}
        presence={state.presence}
        menu={menu}
        onClose={host.present ? () => host.tell({ type: "close" }) : null}
      />
      {notice && (
        <p class="notice" role="status">
          {notice}
        </p>
      )}
      {state.phase === "failed" ? (
        <div class="empty" role="alert">
          <p>{strings.loadFailed}</p>
          <button type="button" class="button" onClick={() => void chat.load()}>
            {strings.tryAgain}
          </button>
        </div>
      ) : (
        <Log
          state={state}
          config={signedOut ? { ...config, questions: [] } : config}
          language={language}
          onAsk={ask}
          onResend={(id) => void chat.resend(id)}
          onDrop={(id) => chat.drop(id)}
          picture={picture}
          onOpen={open}
          onCite={(citation) => setSheet({ kind: "citation", citation })}
          onRate={(id, helpful, reason) => chat.rate(id, helpful, reason)}
          onEarlier={() => void chat.earlier().catch(() => undefined)}
        />
      )}
      <p class="hidden" role="status" aria-live="polite">
        {state.finished ? `${config.name}: ${plain(state.finished.text)}` : ""}
      </p>
      {!writable ? (
        <p class="notice">{config.available ? strings.signIn : strings.switchedOff}</p>
      ) : (
        <Composer
          language={language}
          files={state.files}
          kinds={config.attachments}
          picture={picture}
          onAttach={attach}
          onDetach={(id) => chat.files.detach(id)}
          answering={state.messages.some((message) => message.status === "streaming")}
          onSend={(text) => void chat.send(text)}
          onStop={() => void chat.cancel().catch(() => undefined)}
        />
      )}
      {writable && config.attachments.length > 0 && <DropArea strings={strings} onFiles={attach} />}
      {sheet?.kind === "picture" && (
        <PictureSheet
          attachment={sheet.attachment}
          strings={strings}
          picture={picture}
          onSave={() => saveFile(sheet.attachment)}
          onClose={close}
        />
      )}
      {sheet?.kind === "citation" && (
        <CitationSheet citation={sheet.citation} strings={strings} onClose={close} />
      )}
      {sheet?.kind === "elsewhere" && (
        <ElsewhereSheet
          config={config}
          strings={strings}
          onCode={() => chat.linkCode()}
          onLink={(code) => chat.link(code)}
          onClose={close}
        />
      )}
      {sheet?.kind === "consent" && (
        <ConsentSheet
          name={config.name}
          strings={strings}
          checkIns={state.checkIns}
          onChoose={(checkIns, shown) => chat.consent(checkIns, shown)}
          onClose={close}
        />
      )}
    </div>
  );
}
