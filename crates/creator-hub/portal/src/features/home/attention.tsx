import { useRouter } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { Home } from "@/api/types";
import { Dot } from "@/ui/badge";

/** What waits for a person: one reason and one way to act each. */
export function Attention({ items }: { items: Home["attention"] }) {
  const router = useRouter();
  if (!items.length) return <p className="text-ink-2">Nothing needs you right now.</p>;
  return (
    <ul className="divide-y divide-line border-y border-line">
      {items.map(({ kind, text, href }) => (
        <li key={`${kind} ${href} ${text}`}>
          <a
            href={href}
            className="flex min-h-11 items-center gap-3 py-2 hover:bg-hover"
            onClick={(event) => {
              // The server names a place of the portal; going there must not load everything anew.
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              router.history.push(href);
            }}
          >
            <Dot tone="amber" />
            <span className="min-w-0 flex-1 break-words">{text}</span>
            <ChevronRight size={16} aria-hidden className="shrink-0 text-ink-3" />
          </a>
        </li>
      ))}
    </ul>
  );
}
