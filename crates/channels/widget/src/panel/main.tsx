import { render } from "preact";
import "./style.css";
import { Api } from "./api";
import { App } from "./app";
import { type Boot, readBoot } from "./boot";
import { Chat } from "./chat";
import { Host } from "./host";
import { chooseLanguage, type Language } from "./i18n";
import { openKeep } from "./keep";
import { followForm, isPreview, PreviewTalk } from "./preview";
import { openStore } from "./storage";
import type { Talk } from "./talk";
import { applyTheme } from "./theme";

/** What is on screen: changed in place, then drawn. */
interface Shown {
  config: Boot["config"];
  language: Language;
}

async function start(): Promise<void> {
  const boot = readBoot(document);
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  applyTheme(root, boot.config, dark.matches);
  const shown: Shown = {
    config: boot.config,
    language: await chooseLanguage([boot.lang, boot.config.locale, ...navigator.languages]),
  };
  dark.addEventListener("change", () => applyTheme(root, shown.config, dark.matches));
  const host = new Host(boot.host);
  const app = document.getElementById("app") as HTMLElement;
  const draw = (chat: Talk) => {
    const { config, language } = shown;
    applyTheme(root, config, dark.matches);
    root.lang = language.tag;
    root.dir = language.direction;
    render(<App chat={chat} host={host} config={config} language={language} />, app);
  };
  if (isPreview(window)) showPreview(shown, draw);
  else await talk(boot, shown, host, app, draw);
}

/** The real conversation, opened and closed by the loader. */
async function talk(
  boot: Boot,
  shown: Shown,
  host: Host,
  app: HTMLElement,
  draw: (chat: Talk) => void,
): Promise<void> {
  const root = document.documentElement;
  const chat = new Chat({
    api: new Api(boot.key),
    host,
    store: openStore(),
    storeKey: `coxswain:${boot.key}`,
    keep: openKeep(),
    locale: () => shown.language.tag,
  });
  draw(chat);
  let introduced = () => {};
  const introduction = new Promise<void>((done) => {
    introduced = done;
  });
  host.listen((message) => {
    if (message.type === "open" || message.type === "layout")
      root.classList.toggle("full", message.fullScreen);
    if (message.type === "open") {
      chat.setOpen(true);
      // On a touch screen focus would bring up the keyboard over what there is to read.
      if (!matchMedia("(pointer: coarse)").matches) {
        document.getElementById("composer")?.focus({ preventScroll: true });
      }
    } else if (message.type === "closed") chat.setOpen(false);
    else if (message.type === "locale")
      void chooseLanguage([message.locale]).then((language) => {
        shown.language = language;
        draw(chat);
      });
    else if (message.type === "identify") void chat.identify(message.token).finally(introduced);
    else if (message.type === "logout") void chat.logout().finally(introduced);
    else if (message.type === "focus") focusEdge(app, message.edge);
  });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) host.tell({ type: "close" });
  });
  if (!host.present) chat.setOpen(true);
  host.tell({ type: "ready" });
  // The page is about to say who its client is: what is kept may be somebody else's.
  if (host.present && new URLSearchParams(location.search).has("identify")) await introduction;
  else await chat.load();
}

/** What the portal's form holds, as it is typed; nothing is asked of the server. */
function showPreview(shown: Shown, draw: (chat: Talk) => void): void {
  const talk = new PreviewTalk(() => shown.language.strings.preview);
  draw(talk);
  followForm(window, async (config) => {
    if (config.questions.join("\n") !== shown.config.questions.join("\n")) talk.clear();
    shown.config = config;
    draw(talk);
    const language = await chooseLanguage([config.locale, ...navigator.languages]);
    // While the language came, the form may have moved on.
    if (shown.config !== config) return;
    shown.language = language;
    draw(talk);
  });
}

function focusEdge(app: HTMLElement, edge: "first" | "last"): void {
  const stops = app.querySelectorAll<HTMLElement>("button:not(:disabled), textarea, a[href]");
  stops[edge === "first" ? 0 : stops.length - 1]?.focus();
}

void start();
