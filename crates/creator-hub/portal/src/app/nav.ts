import {
  BookOpenText,
  CalendarCheck,
  CircleHelp,
  House,
  Inbox,
  MessageSquareText,
  Radio,
  Settings,
  UsersRound,
} from "lucide-react";

/** The places of the portal, in the order of the rail. `key` follows "g" on the keyboard. */
export const PLACES = [
  { to: "/", name: "Home", key: "h", icon: House, phone: true },
  { to: "/inbox", name: "Inbox", key: "i", icon: Inbox, phone: true },
  { to: "/clients", name: "Clients", key: "p", icon: UsersRound, phone: false },
  { to: "/knowledge", name: "Knowledge", key: "k", icon: BookOpenText, phone: true },
  { to: "/gaps", name: "Gaps", key: "g", icon: CircleHelp, phone: false },
  { to: "/chat", name: "Test chat", key: "t", icon: MessageSquareText, phone: true },
  { to: "/channels", name: "Channels", key: "c", icon: Radio, phone: false },
  { to: "/check-ins", name: "Check-ins", key: "e", icon: CalendarCheck, phone: false },
  { to: "/settings", name: "Settings", key: "s", icon: Settings, phone: false },
] as const;

export type Place = (typeof PLACES)[number];
