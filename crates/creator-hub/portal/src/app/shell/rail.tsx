import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useMe } from "@/api/account";
import { cx } from "@/lib/cx";
import { PLACES, type Place } from "../nav";
import { AccountMenu } from "./account-menu";
import { Waiting } from "./waiting";

const ITEM =
  "flex h-9 items-center gap-3 rounded-md px-2.5 text-ink-2 transition-colors duration-150 hover:bg-hover hover:text-ink pointer-coarse:h-11 data-[status=active]:bg-hover data-[status=active]:font-semibold data-[status=active]:text-ink";

/** The left rail: names beside icons on a wide window, icons alone below 1,100 px. */
export function Rail({ openPalette }: { openPalette: () => void }) {
  const { creator } = useMe();
  return (
    <aside className="sticky top-0 hidden h-dvh w-15 shrink-0 flex-col gap-4 border-r border-line bg-sunken px-2.5 py-4 sm:flex lg:w-56">
      <div className="px-1.5 lg:px-2.5">
        <img src="/favicon.svg" alt="" width={28} height={28} className="lg:hidden" />
        <p className="hidden font-serif text-lg font-medium lg:block">Coxswain</p>
        <p className="hidden truncate text-xs text-ink-3 lg:block" title={creator.name}>
          {creator.name}
        </p>
      </div>
      <button
        type="button"
        onClick={openPalette}
        aria-label="Find anything"
        title="Find anything (Ctrl K)"
        className={cx(ITEM, "border border-line bg-paper")}
      >
        <Search size={18} aria-hidden className="shrink-0" />
        <span className="hidden lg:inline">Find anything</span>
        <kbd className="ml-auto hidden font-sans text-xs text-ink-3 lg:inline">⌘K</kbd>
      </button>
      <nav aria-label="Main" className="flex flex-col gap-0.5">
        {PLACES.map((place) => (
          <RailLink key={place.to} place={place} />
        ))}
      </nav>
      <div className="mt-auto">
        <AccountMenu />
      </div>
    </aside>
  );
}

function RailLink({ place }: { place: Place }) {
  const Icon = place.icon;
  return (
    <Link
      to={place.to}
      title={place.name}
      className={cx(ITEM, "relative")}
      activeOptions={{ exact: place.to === "/", includeSearch: false }}
    >
      <Icon size={18} aria-hidden className="shrink-0" />
      <span className="sr-only lg:not-sr-only">{place.name}</span>
      {place.to === "/inbox" && <Waiting />}
    </Link>
  );
}
