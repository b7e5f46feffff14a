import {
  BookOpenText,
  CalendarCheck,
  CircleHelp,
  House,
  MessageSquareText,
  Radio,
  Settings,
} from "lucide-react";

/** The places of the portal, in the order of the rail. `key` follows "g" on the keyboard. */
export const PLACES = [
  { to: "/", name: "Home", key: "h", icon: House, phone: true },
  { to: "/knowledge", name: "Knowledge", key: "k", icon: BookOpenText, phone: true },
  { to: "/gaps", name: "Gaps", key: "g", icon: CircleHelp, phone: false },
  { to: "/chat", name: "Test chat", key: "t", icon: MessageSquareText, phone: true },
  { to: "/channels", name: "Channels", key: "c", icon: Radio, phone: true },
  { to: "/check-ins", name: "Check-ins", key: "i", icon: CalendarCheck, phone: false },
  { to: "/settings", name: "Settings", key: "s", icon: Settings, phone: false },
] as const;

export type Place = (typeof PLACES)[number];
