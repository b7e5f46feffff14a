import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useLogOut, useMe } from "@/api/account";
import { after } from "@/lib/after";
import { cx } from "@/lib/cx";
import { initials } from "@/lib/initials";
import { ROLE_NAMES } from "@/lib/roles";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/menu";
import { notifyFailure } from "@/ui/notify-failure";
import { setTheme, type Theme, useTheme } from "../theme";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function AccountMenu() {
  const { member } = useMe();
  return (
    <Menu
      label="Your account"
      side="top"
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Your account, ${member.name}`}
          className="flex w-full items-center gap-3 rounded-md p-1 text-left hover:bg-hover lg:p-1.5"
        >
          <span
            aria-hidden
            className="flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
          >
            {initials(member.name)}
          </span>
          <span className="hidden min-w-0 lg:block">
            <span className="block truncate">{member.name}</span>
            <span className="block text-xs text-ink-3">{ROLE_NAMES[member.role]}</span>
          </span>
        </button>
      }
    >
      <AccountItems />
    </Menu>
  );
}

export function AccountItems() {
  const { member } = useMe();
  const theme = useTheme();
  const logOut = useLogOut();
  const client = useQueryClient();
  const router = useRouter();
  return (
    <>
      <MenuLabel>{member.email}</MenuLabel>
      <MenuLine />
      <MenuLabel>Appearance</MenuLabel>
      {THEMES.map(([value, name]) => (
        <MenuItem key={value} onSelect={() => setTheme(value)}>
          <Check size={16} aria-hidden className={cx(theme !== value && "invisible")} />
          {name}
          {theme === value && <span className="sr-only">, chosen</span>}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem
        onSelect={() =>
          after(
            logOut.mutateAsync(),
            () => void router.navigate({ to: "/login" }).then(() => client.clear()),
            notifyFailure,
          )
        }
      >
        Log out
      </MenuItem>
    </>
  );
}
