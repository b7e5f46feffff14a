import { Link } from "@tanstack/react-router";
import { useGaps } from "@/api/home";
import type { Gap } from "@/api/types";
import { buttonClass } from "@/ui/button";
import { More } from "@/ui/more";
import { Page } from "@/ui/page";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";

/** Why it stayed unanswered, in the words of the person who can mend it. */
const REASONS: Record<string, string> = {
  no_passages: "Nothing in your documents comes near it.",
  low_confidence: "What your documents say does not fit it closely enough.",
  not_in_passages: "The passages that came near it do not answer it.",
};

/** What did people ask that I could not answer? */
export function GapsPage() {
  const gaps = useGaps();
  return (
    <Page title="Gaps" lead="Questions your material did not cover, in the words they were asked in.">
      {gaps.isPending ? (
        <SkeletonRows what="the gaps" />
      ) : gaps.isError && !gaps.items.length ? (
        <Failure error={gaps.error} what="the gaps" retry={() => gaps.refetch()} />
      ) : gaps.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {gaps.items.map((gap) => (
              <Row key={gap.id} gap={gap} />
            ))}
          </ul>
          <More query={gaps} what="gaps" />
        </>
      ) : (
        <Empty
          title="No gaps so far"
          action={
            <Link to="/chat" className={buttonClass()}>
              Ask a test question
            </Link>
          }
        >
          When a question cannot be answered from your documents, it is kept here, so that you know what to
          add.
        </Empty>
      )}
    </Page>
  );
}

function Row({ gap }: { gap: Gap }) {
  return (
    <li className="flex flex-col gap-x-6 gap-y-1 py-3 sm:flex-row sm:items-baseline">
      <div className="min-w-0 flex-1">
        <p className="quoted text-base break-words">{gap.question}</p>
        <p className="text-ink-3">{REASONS[gap.reason] ?? gap.reason}</p>
      </div>
      <span className="shrink-0 text-ink-3">
        <Time at={gap.created_at} />
      </span>
    </li>
  );
}
