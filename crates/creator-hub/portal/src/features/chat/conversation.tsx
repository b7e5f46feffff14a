import { useState } from "react";
import type { Citation } from "@/api/types";
import { Dialog } from "@/ui/dialog";
import { Failure, Skeleton } from "@/ui/states";
import { Composer } from "./composer";
import { FirstQuestion } from "./first-question";
import { Log } from "./log";
import { SourcePanel } from "./source-panel";
import { useConversation } from "./use-conversation";
import { useWide } from "./use-wide";
import { WhyDrawer } from "./why-drawer";

interface ConversationProps {
  id: string;
  /** Whether the server has it; a fresh one begins with its first question. */
  exists: boolean;
  onBegun: () => void;
}

/** The log with its composer, and the sources of the chosen answer beside it. */
export function Conversation({ id, exists, onBegun }: ConversationProps) {
  const conversation = useConversation(id, exists);
  const [chosen, setChosen] = useState<{ turn: string; n: number } | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const wide = useWide();
  const answers = conversation.turns.filter((turn) => turn.citations.length > 0);
  // Beside a wide log the newest sources are always open; on a narrow one they wait to be asked for.
  const shown = answers.find((turn) => turn.id === chosen?.turn) ?? (wide ? answers.at(-1) : undefined);
  const citation =
    shown?.citations.find((known) => known.n === chosen?.n) ?? (wide ? shown?.citations[0] : undefined);
  function ask(text: string) {
    if (!conversation.turns.length) onBegun();
    setChosen(null);
    void conversation.send(text);
  }
  const panel = shown && citation && (
    <SourcePanel
      citation={citation}
      citations={shown.citations}
      onChoose={(n) => setChosen({ turn: shown.id, n })}
    />
  );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        {conversation.state === "failed" ? (
          <div className="flex-1 px-4 sm:px-8">
            <Failure error={conversation.error} what="this conversation" retry={conversation.read} />
          </div>
        ) : conversation.state === "reading" ? (
          <Reading />
        ) : conversation.turns.length === 0 ? (
          <FirstQuestion onAsk={ask} />
        ) : (
          <Log
            turns={conversation.turns}
            chosen={citation && shown ? { turn: shown.id, n: citation.n } : null}
            onChoose={(turn: string, picked: Citation) => setChosen({ turn, n: picked.n })}
            onWhy={setWhy}
            onSendAgain={(turn) => void conversation.send(turn.text, turn)}
          />
        )}
        <Composer answering={conversation.answering} onSend={ask} onCancel={conversation.cancel} />
      </div>
      {wide ? (
        panel && (
          <aside
            aria-label="Sources"
            className="w-[min(44%,34rem)] shrink-0 overflow-y-auto border-l border-line bg-sunken p-6"
          >
            {panel}
          </aside>
        )
      ) : (
        <Dialog
          open={Boolean(panel && chosen)}
          onOpenChange={() => setChosen(null)}
          title="Source"
          shape="side"
        >
          {panel}
        </Dialog>
      )}
      {why && <WhyDrawer messageId={why} onClose={() => setWhy(null)} />}
    </div>
  );
}

function Reading() {
  return (
    <div role="status" className="mx-auto flex w-full max-w-180 flex-1 flex-col gap-4 px-4 py-6 sm:px-8">
      <span className="sr-only">Reading the conversation</span>
      <Skeleton className="h-10 w-2/3 self-end" />
      <Skeleton className="h-28 w-full" />
    </div>
  );
}
