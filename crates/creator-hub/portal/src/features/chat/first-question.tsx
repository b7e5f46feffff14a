import { Link } from "@tanstack/react-router";
import { useChannels } from "@/api/channels";
import { useDocuments } from "@/api/knowledge";
import { buttonClass } from "@/ui/button";

/** Until the widget has questions of its own. */
const ANYBODYS = ["I missed a day. What should I do now?", "How long until it is automatic?"] as const;
const MOST = 3;
/** No coach's material covers it. */
const OUTSIDE = "Will it rain tomorrow?";

/** Before the first question of a conversation. */
export function FirstQuestion({ onAsk }: { onAsk: (text: string) => void }) {
  const ready = useDocuments({ stage: "ready" });
  const none = ready.isSuccess && !ready.items.length;
  const own = useChannels().items.flatMap((account) => account.settings.questions);
  const questions = [...(own.length ? own.slice(0, MOST) : ANYBODYS), OUTSIDE];
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
          {questions.map((question) => (
            <button key={question} type="button" className={buttonClass()} onClick={() => onAsk(question)}>
              {question}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
