import { Link } from "@tanstack/react-router";
import { useDocuments } from "@/api/knowledge";
import { buttonClass } from "@/ui/button";

const QUESTIONS = [
  "What should I do in my first week?",
  "I missed two days. Do I start over?",
  "What is the weather tomorrow?",
] as const;

/** Before the first question of a conversation. */
export function FirstQuestion({ onAsk }: { onAsk: (text: string) => void }) {
  const ready = useDocuments({ stage: "ready" });
  const none = ready.isSuccess && !ready.items.length;
  return (
    <div className="mx-auto flex w-full max-w-180 flex-1 flex-col justify-end overflow-y-auto px-4 pt-6 pb-4 sm:px-8">
      <h2 className="font-serif text-lg font-medium">Ask as a client would</h2>
      <p className="mt-1.5 text-ink-2">
        {none
          ? "There is nothing searchable yet, so every answer will be your no-answer message. Add a document first, or try the sample handbook."
          : "You hear what they would hear, with the sources beside it. Nothing here reaches a client. The last question is one your material cannot answer: see what you say then."}
      </p>
      {none ? (
        <div className="mt-4">
          <Link to="/knowledge" className={buttonClass("primary")}>
            Add documents
          </Link>
        </div>
      ) : (
        <div className="mt-4 flex flex-wrap gap-2">
          {QUESTIONS.map((question) => (
            <button key={question} type="button" className={buttonClass()} onClick={() => onAsk(question)}>
              {question}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
