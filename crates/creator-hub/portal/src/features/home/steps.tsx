import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import type { Home } from "@/api/types";
import { cx } from "@/lib/cx";
import { buttonClass } from "@/ui/button";

type Step = Home["steps"][number];

const WORDS = {
  document: {
    title: "Add a document",
    why: "Everything your coach says comes from your documents.",
    action: "Add documents",
    to: "/knowledge",
  },
  test_question: {
    title: "Ask a test question",
    why: "Hear what a client would hear, with the sources beside it.",
    action: "Ask a question",
    to: "/chat",
  },
  widget: {
    title: "Put it on your site",
    why: "One line in your page, and your clients can ask there.",
    action: "Get the line",
    to: "/channels",
  },
  client: {
    title: "A first client asks",
    why: "This ticks itself when somebody writes in the widget.",
    action: null,
    to: null,
  },
} as const;

export function Steps({ steps }: { steps: readonly Step[] }) {
  const next = steps.find((step) => !step.done)?.key;
  return (
    <ol className="divide-y divide-line border-y border-line">
      {steps.map((step, index) => {
        const { title, why, action, to } = WORDS[step.key];
        return (
          <li key={step.key} className="flex items-center gap-4 py-3">
            <span
              aria-hidden
              className={cx(
                "flex size-7 shrink-0 items-center justify-center rounded-full font-serif",
                step.done ? "bg-good-soft text-good" : "border border-edge text-ink-2",
              )}
            >
              {step.done ? <Check size={16} /> : index + 1}
            </span>
            <div className="min-w-0 flex-1">
              <p className={cx("font-medium", step.done && "text-ink-3")}>
                {title}
                {step.done && <span className="sr-only">, done</span>}
              </p>
              {!step.done && <p className="text-ink-2">{why}</p>}
            </div>
            {!step.done && action && (
              <Link to={to} className={buttonClass(step.key === next ? "primary" : "plain")}>
                {action}
              </Link>
            )}
          </li>
        );
      })}
    </ol>
  );
}
