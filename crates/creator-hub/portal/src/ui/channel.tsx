import { AppWindow, type LucideIcon, MessageCircle, Send } from "lucide-react";
import type { ChannelKind } from "@/api/types";
import { cx } from "@/lib/cx";

const KINDS: Record<ChannelKind, { name: string; icon: LucideIcon }> = {
  widget: { name: "Widget", icon: AppWindow },
  telegram: { name: "Telegram", icon: Send },
  whatsapp: { name: "WhatsApp", icon: MessageCircle },
};

export const channelName = (kind: ChannelKind): string => KINDS[kind].name;

interface ChannelIconProps {
  kind: ChannelKind;
  /** Pixels. */
  size?: number;
  named?: boolean;
  className?: string;
}

/** The sign of a channel; named only where no word beside it says the same. */
export function ChannelIcon({ kind, size = 16, named, className }: ChannelIconProps) {
  const { name, icon: Icon } = KINDS[kind];
  return (
    <span className={cx("inline-flex shrink-0", className)} title={named ? name : undefined}>
      <Icon size={size} aria-hidden />
      {named && <span className="sr-only">{name}</span>}
    </span>
  );
}
