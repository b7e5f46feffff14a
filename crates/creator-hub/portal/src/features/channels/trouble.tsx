import { Link, useSearch } from "@tanstack/react-router";
import { cx } from "@/lib/cx";
import { Section } from "@/ui/page";
import { Undelivered } from "./undelivered";
import { Unreadable } from "./unreadable";

const TAB =
  "inline-flex h-9 items-center border-b-2 px-1 text-ink-2 hover:text-ink pointer-coarse:h-11 whitespace-nowrap";

/** What could not be delivered, and what could not be read: nothing of either is lost. */
export function Trouble({ id, mayReplay }: { id: string; mayReplay: boolean }) {
  const { view = "undelivered" } = useSearch({ from: "/inside/channels/$id" });
  return (
    <Section title="What went wrong" lead="Nothing is thrown away: it stays here until it is dealt with.">
      <nav aria-label="What went wrong" className="mb-2 flex gap-5 border-b border-line">
        {(
          [
            ["undelivered", "Not delivered"],
            ["unreadable", "Not understood"],
          ] as const
        ).map(([tab, name]) => (
          <Link
            key={tab}
            from="/channels/$id"
            to="."
            search={{ view: tab === "undelivered" ? undefined : tab }}
            resetScroll={false}
            aria-current={view === tab ? "page" : undefined}
            className={cx(TAB, view === tab ? "border-accent font-medium text-ink" : "border-transparent")}
          >
            {name}
          </Link>
        ))}
      </nav>
      {view === "undelivered" ? <Undelivered id={id} /> : <Unreadable id={id} mayReplay={mayReplay} />}
    </Section>
  );
}
