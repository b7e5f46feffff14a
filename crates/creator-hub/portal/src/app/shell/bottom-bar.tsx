import { Link, useRouter } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { PLACES } from "../nav";
import { AccountItems } from "./account-menu";
import { Waiting } from "./waiting";

const ITEM =
  "flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs text-ink-2 data-[status=active]:font-semibold data-[status=active]:text-accent";

/** The phone's navigation: four places and the rest behind "More". */
export function BottomBar({ openPalette }: { openPalette: () => void }) {
  const router = useRouter();
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-sunken pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {PLACES.filter((place) => place.phone).map(({ to, name, icon: Icon }) => (
        <Link key={to} to={to} className={ITEM} activeOptions={{ exact: to === "/", includeSearch: false }}>
          <span className="relative">
            <Icon size={20} aria-hidden />
            {to === "/inbox" && <Waiting corner />}
          </span>
          {name}
        </Link>
      ))}
      <Menu
        label="More"
        side="top"
        trigger={
          <button type="button" className={ITEM}>
            <Ellipsis size={20} aria-hidden />
            More
          </button>
        }
      >
        <MenuItem onSelect={openPalette}>Find anything</MenuItem>
        {PLACES.filter((place) => !place.phone).map(({ to, name }) => (
          <MenuItem key={to} onSelect={() => void router.navigate({ to })}>
            {name}
          </MenuItem>
        ))}
        <MenuLine />
        <AccountItems />
      </Menu>
    </nav>
  );
}
