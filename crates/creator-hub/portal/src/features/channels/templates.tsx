import { useSyncTemplates, useTemplates } from "@/api/messengers";
import type { Template } from "@/api/types";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { notifyFailure } from "@/ui/notify-failure";
import { Section } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { notify } from "@/ui/toast";

/** By the provider's word for the state, in lower case. */
const TONES: Record<string, Tone> = {
  approved: "good",
  pending: "plain",
  rejected: "bad",
  paused: "amber",
  disabled: "bad",
};

/** The templates Meta keeps for this number, as they were when last fetched. */
export function Templates({ id, mayEdit }: { id: string; mayEdit: boolean }) {
  const templates = useTemplates(id);
  const sync = useSyncTemplates(id);
  const fetched = templates.data?.[0]?.synced_at;
  function fetchAgain() {
    after(
      sync.mutateAsync(),
      ({ items }) => notify(`${count(items.length, "template")} fetched.`),
      notifyFailure,
    );
  }
  return (
    <Section
      title="Templates"
      lead={
        <>
          Written and approved at Meta; only they may begin a conversation after 24 hours.
          {fetched && (
            <>
              {" "}
              Fetched <Time at={fetched} />.
            </>
          )}
        </>
      }
      action={
        mayEdit && (
          <Button busy={sync.isPending && "Asking Meta"} onClick={fetchAgain}>
            Fetch them now
          </Button>
        )
      }
    >
      {templates.isPending ? (
        <SkeletonRows what="the templates" rows={2} />
      ) : templates.isError ? (
        <Failure error={templates.error} what="the templates" retry={() => void templates.refetch()} />
      ) : templates.data.length ? (
        <ul className="divide-y divide-line border-y border-line">
          {templates.data.map((template) => (
            <Row key={template.id} template={template} />
          ))}
        </ul>
      ) : (
        <p className="text-ink-2">None fetched yet. Write one in WhatsApp Manager, then fetch them here.</p>
      )}
    </Section>
  );
}

function Row({ template }: { template: Template }) {
  const { name, language, category, state, reason, quality, body, parameters } = template;
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code className="font-mono text-xs font-medium break-all">{name}</code>
        <span className="text-ink-3">
          {language}, {category.toLowerCase()}, {count(parameters, "parameter")}
          {quality && `, quality ${quality.toLowerCase()}`}
        </span>
        <Badge tone={TONES[state.toLowerCase()] ?? "plain"}>{state.toLowerCase()}</Badge>
      </p>
      {reason && <p className="mt-1 max-w-160 break-words">{reason}</p>}
      <p className="quoted mt-1 max-w-160 break-words whitespace-pre-wrap text-ink-2">{body}</p>
    </li>
  );
}
