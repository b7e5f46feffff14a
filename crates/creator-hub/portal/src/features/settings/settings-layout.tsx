import { Link, Outlet } from "@tanstack/react-router";
import { Page } from "@/ui/page";

const TAB =
  "inline-flex h-9 shrink-0 items-center border-b-2 border-transparent px-1 text-ink-2 hover:text-ink pointer-coarse:h-11";
const HERE = { className: "!border-accent !text-ink font-medium" };

const SECTIONS = [
  ["/settings", "Voice and hours"],
  ["/settings/team", "Team"],
  ["/settings/keys", "API keys"],
  ["/settings/audit", "Audit log"],
  ["/settings/models", "Models"],
] as const;

export function SettingsLayout() {
  return (
    <Page title="Settings">
      <nav
        aria-label="Settings"
        className="-mx-4 mb-6 flex gap-5 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0"
      >
        {SECTIONS.map(([to, name]) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === "/settings", includeSearch: false }}
            activeProps={HERE}
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
