import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";

/** Copies `text`; where the clipboard is closed to the page, the text is there to be selected. */
export function CopyButton({ text, label = "Copy", what }: { text: string; label?: string; what: string }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 3_000);
    return () => clearTimeout(timer);
  }, [state]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused");
    }
  }
  return (
    <Button onClick={copy} aria-label={`${label} ${what}`}>
      {state === "copied" ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
      <span aria-live="polite">
        {state === "copied" ? "Copied" : state === "refused" ? "Select it and press Ctrl+C" : label}
      </span>
    </Button>
  );
}

/** One line of code in a box that wraps and can be selected whole. */
export function CodeLine({ text, what }: { text: string; what: string }) {
  return (
    <div className="flex flex-col items-start gap-2 sm:flex-row">
      <code className="block min-w-0 flex-1 rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs leading-5 break-all select-all">
        {text}
      </code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
