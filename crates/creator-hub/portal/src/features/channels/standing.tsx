import { useStanding } from "@/api/messengers";
import type { Standing as Stands } from "@/api/types";
import { Section } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";

/** How Meta sees a number: its quality, how many people it may write to first, and the latest news. */
export function Standing({ id }: { id: string }) {
  const standing = useStanding(id);
  return (
    <Section
      title="How it stands with Meta"
      lead="People who wrote within 24 hours can always be answered. The limit counts only those you write to first."
    >
      {standing.isPending ? (
        <SkeletonRows what="how it stands" rows={1} />
      ) : standing.isError ? (
        <Failure error={standing.error} what="how it stands" retry={() => void standing.refetch()} />
      ) : (
        <Facts {...standing.data} />
      )}
    </Section>
  );
}

function Facts({ quality, tier, people_a_day, people_today, news, news_at }: Stands) {
  const spent = people_a_day != null && (people_today ?? 0) >= people_a_day;
  return (
    <dl className="grid max-w-160 gap-x-6 gap-y-2 sm:grid-cols-[auto_1fr]">
      <dt className="text-ink-3">Quality</dt>
      <dd>{quality ? quality.toLowerCase() : "Not known yet"}</dd>
      <dt className="text-ink-3">Written to first, last 24 hours</dt>
      <dd className={spent ? "text-bad" : undefined}>
        {limit(people_today ?? 0, people_a_day ?? null, tier ?? null)}
      </dd>
      {news && (
        <>
          <dt className="text-ink-3">Latest news</dt>
          <dd className="break-words">
            {news} {news_at && <Time at={news_at} />}
          </dd>
        </>
      )}
    </dl>
  );
}

function limit(today: number, most: number | null, tier: string | null): string {
  if (most != null) return `${today} of ${most} people`;
  return tier ? `${today} people, without a limit` : `${today} people; the limit is not known yet`;
}
