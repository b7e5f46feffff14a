import { useEffect, useState } from "preact/hooks";
import type { WidgetConfig } from "../shared/protocol";
import type { Talk } from "./chat";
import type { Host } from "./host";
import type { Language } from "./i18n";
import { plain } from "./markdown";
import { CitationSheet } from "./parts/citations";
import { Composer } from "./parts/composer";
import { ConsentSheet } from "./parts/consent";
import { Header } from "./parts/header";
import { Log } from "./parts/log";
import type { Citation } from "./types";

interface Props {
  chat: Talk;
  host: Host;
  config: WidgetConfig;
  language: Language;
}

/** The whole panel. */
export function App({ chat, host, config, language }: Props) {
  const { strings } = language;
  const [state, setState] = useState(chat.state);
  const [cited, setCited] = useState<Citation | null>(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    const show = () => setState(chat.state);
    // The conversation may have moved on between drawing and subscribing.
    show();
    return chat.subscribe(show);
  }, [chat]);
  const answering = state.messages.some((message) => message.status === "streaming");
  const ask = (question: string) => {
    void chat.send(question);
    // The button that was pressed is gone: the keyboard goes on where one writes.
    if (!matchMedia("(pointer: coarse)").matches) document.getElementById("composer")?.focus();
  };
  const notice = !state.online ? strings.offline : state.health === "down" ? strings.reconnecting : null;

  return (
    <div class="app">
      <Header
        config={config}
        strings={strings}
        checkIns={state.checkIns}
        onClose={host.present ? () => host.tell({ type: "close" }) : null}
        onCheckIns={() => setAsking(true)}
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
          config={config}
          language={language}
          onAsk={ask}
          onResend={(id) => void chat.resend(id)}
          onCite={setCited}
          onEarlier={() => void chat.earlier().catch(() => undefined)}
        />
      )}
      <p class="hidden" role="status" aria-live="polite">
        {state.finished ? `${config.name}: ${plain(state.finished.text)}` : ""}
      </p>
      {config.available ? (
        <Composer
          strings={strings}
          answering={answering}
          onSend={(text) => void chat.send(text)}
          onStop={() => void chat.cancel().catch(() => undefined)}
        />
      ) : (
        <p class="notice">{strings.switchedOff}</p>
      )}
      {cited && <CitationSheet citation={cited} strings={strings} onClose={() => setCited(null)} />}
      {asking && (
        <ConsentSheet
          name={config.name}
          strings={strings}
          checkIns={state.checkIns}
          onChoose={(checkIns, shown) => chat.consent(checkIns, shown)}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}
