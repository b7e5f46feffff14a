import { useState } from "react";
import { useInboxConversation } from "@/api/inbox";
import { asFailure } from "@/api/problem";
import type { Citation } from "@/api/types";
import { SourcePanel } from "@/features/chat/source-panel";
import { useMedia } from "@/lib/use-media";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure, Skeleton } from "@/ui/states";
import { ClientPanel } from "./client-panel";
import { Composer } from "./composer";
import { HandlerBar } from "./handler-bar";
import { ThreadHeader } from "./thread-header";
import { ThreadLog } from "./thread-log";

interface ThreadProps {
  id: string;
  /** Whether the client's panel is asked for where it does not fit beside. */
  panel: boolean;
  onPanel: (open: boolean) => void;
  onBack: () => void;
}

/** Where the panel fits beside the conversation (1,280 px). */
const BESIDE = "(min-width: 80rem)";

/** One conversation: who answers, what was said, the reply; the client beside it. */
export function Thread({ id, panel, onPanel, onBack }: ThreadProps) {
  const conversation = useInboxConversation(id);
  const beside = useMedia(BESIDE);
  const [sources, setSources] = useState<Shown | null>(null);
  if (!conversation.detail) {
    return conversation.isError ? (
      <div className="px-4 sm:px-6">
        <Failure
          error={conversation.error}
          what="this conversation"
          retry={() => void conversation.refetch()}
        />
        {asFailure(conversation.error).status === 404 && <Button onClick={onBack}>Back to the inbox</Button>}
      </div>
    ) : (
      <ThreadSkeleton />
    );
  }
  const { detail } = conversation;
  const client = <ClientPanel client={detail.client} current={id} notes={detail.notes} />;
  const choose = (citations: readonly Citation[], n: number) => setSources({ citations, n });
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        {/* On a phone the list with its heading is not there. */}
        <h1 className="sr-only md:hidden">Inbox</h1>
        <ThreadHeader
          conversation={detail.conversation}
          onBack={onBack}
          onPanel={beside ? undefined : () => onPanel(true)}
        />
        <HandlerBar conversation={detail.conversation} />
        <ThreadLog
          messages={detail.messages}
          notes={detail.notes}
          client={detail.conversation.client.display_name}
          older={conversation}
          onSource={choose}
        />
        <Composer
          conversation={detail.conversation}
          windowClosesAt={detail.window_closes_at}
          onSource={choose}
        />
      </div>
      {beside ? (
        <aside
          aria-label="Client"
          className="w-72 shrink-0 overflow-y-auto border-l border-line bg-sunken px-5 py-5 2xl:w-80"
        >
          {client}
        </aside>
      ) : (
        <Dialog open={panel} onOpenChange={onPanel} title="Client" shape="side">
          {client}
        </Dialog>
      )}
      <SourceDialog shown={sources} onChange={setSources} />
    </div>
  );
}

interface Shown {
  citations: readonly Citation[];
  /** The number of the one that is open. */
  n: number;
}

/** A quote where it stands, over the conversation it was given in. */
function SourceDialog({ shown, onChange }: { shown: Shown | null; onChange: (shown: Shown | null) => void }) {
  const citation = shown?.citations.find(({ n }) => n === shown.n);
  return (
    <Dialog open={Boolean(citation)} onOpenChange={() => onChange(null)} title="Source" shape="side">
      {citation && shown && (
        <SourcePanel
          citation={citation}
          citations={shown.citations}
          onChoose={(n) => onChange({ ...shown, n })}
        />
      )}
    </Dialog>
  );
}

function ThreadSkeleton() {
  return (
    <div role="status" className="flex min-h-0 flex-1 flex-col">
      <span className="sr-only">Reading the conversation</span>
      <div className="flex h-16 items-center border-b border-line px-4 sm:px-6">
        <Skeleton className="h-6 w-48" />
      </div>
      <div className="h-12 border-b border-line bg-sunken" />
      <div className="flex flex-1 flex-col gap-5 px-4 py-6 sm:px-6">
        <Skeleton className="h-12 w-3/5" />
        <Skeleton className="h-20 w-3/5 self-end" />
        <Skeleton className="h-12 w-2/5" />
      </div>
    </div>
  );
}
