/**
 * Coxswain's loader. Paste:
 * `<script async src="https://ORIGIN/w/loader.js" data-widget-key="cxw_…"></script>`
 */
import type { WidgetConfig } from "../shared/protocol";
import { Events, install } from "./api";
import { Widget } from "./widget";

async function start(script: HTMLScriptElement): Promise<void> {
  const key = script.dataset.widgetKey ?? "";
  const origin = new URL(script.src, location.href).origin;
  // A refusal carries no CORS header, so the browser shows it as a failed fetch.
  const response = await fetch(`${origin}/w/${encodeURIComponent(key)}/config`, {
    credentials: "omit",
  }).catch(() => null);
  if (!response?.ok) {
    const why = `either ${location.origin} is not among the widget's allowed origins, or ${origin} does not answer`;
    console.warn(`coxswain: the widget "${key}" stays hidden: ${why}.`);
    return;
  }
  const config = (await response.json()) as WidgetConfig;
  if (!config.available) return;
  const fixed = script.dataset.locale ?? (config.locale === "auto" ? "" : config.locale);
  const locale = fixed || document.documentElement.lang || navigator.language || "en";
  const events = new Events();
  if (document.readyState === "loading") {
    await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
  }
  const widget = new Widget(origin, key, config, locale, events);
  // What the page has said so far, first of all who its client is, comes before anything kept.
  install(widget, events);
  widget.resume();
}

const script =
  document.currentScript instanceof HTMLScriptElement
    ? document.currentScript
    : document.querySelector<HTMLScriptElement>("script[data-widget-key]");
// A page that carries the snippet twice still gets one widget.
if (script && !document.querySelector("script[data-widget-started]")) {
  script.dataset.widgetStarted = "";
  start(script).catch((error) => console.warn("coxswain: the widget could not start.", error));
}
