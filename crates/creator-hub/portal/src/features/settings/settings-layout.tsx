import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Page } from "@/ui/page";

const TAB =
  "inline-flex h-9 shrink-0 items-center border-b-2 border-transparent px-1 text-ink-2 hover:text-ink pointer-coarse:h-11 data-[status=active]:border-accent data-[status=active]:font-medium data-[status=active]:text-ink";

const SECTIONS = [
  ["/settings", "Voice and hours"],
  ["/settings/team", "Team"],
  ["/settings/keys", "API keys"],
  ["/settings/webhooks", "Webhooks"],
  ["/settings/audit", "Audit log"],
  ["/settings/models", "Models"],
  ["/settings/notices", "Your notices"],
] as const;

export function SettingsLayout() {
  const { pathname } = useLocation();
  const tabs = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is another place.
  useEffect(() => {
    // On a phone the row of tabs scrolls; the one that is open must be in sight.
    tabs.current
      ?.querySelector("[data-status=active]")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <Page title="Settings">
      <nav
        ref={tabs}
        aria-label="Settings"
        className="-mx-4 mb-6 flex gap-5 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0"
      >
        {SECTIONS.map(([to, name]) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === "/settings", includeSearch: false }}
            className={TAB}
          >
            {name}
          </Link>
        ))}
      </nav>
      <Outlet />
    </Page>
  );
}
