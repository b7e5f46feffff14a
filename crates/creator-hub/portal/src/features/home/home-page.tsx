import { useMe } from "@/api/account";
import { useHome } from "@/api/home";
import type { Home } from "@/api/types";
import { count } from "@/lib/count";
import { Page, Section } from "@/ui/page";
import { Failure, Skeleton } from "@/ui/states";
import { Attention } from "./attention";
import { Health } from "./health";
import { Steps } from "./steps";

/** Who needs me today, and is everything running? */
export function HomePage() {
  const { creator } = useMe();
  const home = useHome();
  return (
    <Page title={creator.name} lead={home.data && countsLine(home.data)}>
      {home.data ? (
        <Content home={home.data} />
      ) : home.isError ? (
        <Failure error={home.error} what="Home" retry={() => home.refetch()} />
      ) : (
        <div role="status" className="flex flex-col gap-4">
          <span className="sr-only">Reading Home</span>
          <Skeleton className="h-40 w-full" />
          <Skeleton className="h-56 w-full" />
        </div>
      )}
    </Page>
  );
}

function countsLine({ counts }: Home): string {
  if (!counts.documents) return "Three steps and your clients can ask what you know.";
  return [
    count(counts.documents, "document"),
    count(counts.clients, "client"),
    count(counts.conversations, "conversation"),
  ].join(" · ");
}

function Content({ home }: { home: Home }) {
  const settingUp = home.steps.some((step) => !step.done);
  return (
    <>
      {settingUp && (
        <Section title="Set up" lead="Each step is small. You can leave and come back.">
          <Steps steps={home.steps} />
        </Section>
      )}
      <Section title="Needs you">
        <Attention items={home.attention} />
      </Section>
      <Section title="Is everything running">
        <Health components={home.health} />
      </Section>
    </>
  );
}
