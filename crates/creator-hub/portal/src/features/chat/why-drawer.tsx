import { useWhy } from "@/api/chat";
import type { Passage, Why } from "@/api/types";
import { count, format } from "@/lib/count";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { Dialog } from "@/ui/dialog";
import { Failure, SkeletonRows } from "@/ui/states";

/** How an answer came about, step by step. */
export function WhyDrawer({ messageId, onClose }: { messageId: string; onClose: () => void }) {
  const why = useWhy(messageId);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Why this answer" shape="side">
      {why.isPending ? (
        <SkeletonRows what="how the answer came about" />
      ) : why.isError ? (
        <Failure error={why.error} what="how the answer came about" retry={() => why.refetch()} />
      ) : (
        <Steps why={why.data} />
      )}
    </Dialog>
  );
}

function Steps({ why }: { why: Why }) {
  const used = why.passages.filter((passage) => passage.used).length;
  return (
    <div className="flex flex-col gap-6">
      <Part title="What was searched for">
        <p className="quoted text-base">{why.rewrite || "The question as it was asked."}</p>
        {why.language && <p className="mt-1 text-ink-3">Language: {languageName(why.language)}</p>}
      </Part>
      <Part title={`What was found: ${count(why.passages.length, "passage")}, ${used} used`}>
        {why.passages.length ? (
          <ol className="divide-y divide-line border-y border-line">
            {why.passages.map((passage) => (
              <PassageRow key={passage.chunk_id} passage={passage} />
            ))}
          </ol>
        ) : (
          <p className="text-ink-2">Nothing came near the question.</p>
        )}
      </Part>
      {why.dropped.length > 0 && (
        <Part title="What was left out">
          <ul className="flex flex-col gap-3">
            {why.dropped.map(({ sentence, reason }) => (
              <li key={sentence}>
                <p className="quoted text-ink-2 line-through decoration-edge">{sentence}</p>
                <p className="text-ink-3">{reason}</p>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title="Figures">
        <Figures why={why} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function PassageRow({ passage }: { passage: Passage }) {
  const scores = [
    ["together", passage.score],
    ["by meaning", passage.dense],
    ["by words", passage.lexical],
  ] as const;
  return (
    <li className="py-3">
      <details>
        <summary className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
          <span className={cx("min-w-0 flex-1 truncate", passage.used && "font-medium")}>
            {passage.title ?? "A document that is gone"}
            {passage.page ? `, p. ${passage.page}` : ""}
          </span>
          {passage.used && <Badge tone="accent">Used</Badge>}
          <span className="w-full text-ink-3 tabular">
            {scores
              .filter(([, score]) => score != null)
              .map(([name, score]) => `${name} ${score?.toFixed(3)}`)
              .join(" · ")}
          </span>
        </summary>
        <p className="quoted mt-2 break-words whitespace-pre-wrap text-ink-2">
          {passage.text ?? "Its text was deleted with the document."}
        </p>
      </details>
    </li>
  );
}

const STEPS = [
  ["queue", "Waiting for its turn"],
  ["rewrite", "Rewriting"],
  ["embed", "Embedding"],
  ["retrieve", "Retrieving"],
  ["first_token", "To the first word"],
  ["total", "Altogether"],
] as const;

function Figures({ why }: { why: Why }) {
  const rows: [string, string][] = [["Model", why.model ?? "None: sentences quoted from your documents"]];
  if (why.prompt) {
    const { tokens, budget, num_ctx } = why.prompt;
    rows.push(["Prompt", `${format(tokens)} of ${count(budget, "token")} (context ${format(num_ctx)})`]);
  }
  rows.push(["Confidence", why.confidence.toFixed(2)]);
  for (const [key, name] of STEPS) {
    const time = why.timings_ms[key];
    if (time != null) rows.push([name, `${format(Math.round(time))} ms`]);
  }
  return (
    <dl className="divide-y divide-line border-y border-line">
      {rows.map(([name, value]) => (
        <div key={name} className="flex justify-between gap-4 py-1.5">
          <dt className="text-ink-2">{name}</dt>
          <dd className="text-right tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function languageName(code: string): string {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
