import { render } from "preact";
import "./style.css";
import { Api } from "./api";
import { App } from "./app";
import { readBoot } from "./boot";
import { Chat } from "./chat";
import { Host } from "./host";
import { chooseLanguage, type Language } from "./i18n";
import { openStore } from "./storage";
import { applyTheme } from "./theme";

async function start(): Promise<void> {
  const boot = readBoot(document);
  const root = document.documentElement;
  applyTheme(root, boot.config, matchMedia("(prefers-color-scheme: dark)"));
  const host = new Host(boot.host);
  let language = await chooseLanguage([boot.lang, boot.config.locale, ...navigator.languages]);
  const chat = new Chat({
    api: new Api(boot.key),
    host,
    store: openStore(),
    storeKey: `coxswain:${boot.key}`,
    locale: () => language.tag,
  });
  const app = document.getElementById("app") as HTMLElement;
  const draw = (chosen: Language) => {
    language = chosen;
    root.lang = chosen.tag;
    root.dir = chosen.direction;
    render(<App chat={chat} host={host} config={boot.config} language={chosen} />, app);
  };
  draw(language);

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
    else if (message.type === "locale") void chooseLanguage([message.locale]).then(draw);
    else if (message.type === "focus") focusEdge(app, message.edge);
  });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) host.tell({ type: "close" });
  });
  if (!host.present) chat.setOpen(true);
  await chat.load();
  host.tell({ type: "ready" });
}

function focusEdge(app: HTMLElement, edge: "first" | "last"): void {
  const stops = app.querySelectorAll<HTMLElement>("button:not(:disabled), textarea, a[href]");
  stops[edge === "first" ? 0 : stops.length - 1]?.focus();
}

void start();
