import { AppWindow, type LucideIcon, MessageCircle, Send } from "lucide-react";
import type { ChannelKind } from "@/api/types";

const KINDS: Record<ChannelKind, { name: string; icon: LucideIcon }> = {
  widget: { name: "Widget", icon: AppWindow },
  telegram: { name: "Telegram", icon: Send },
  whatsapp: { name: "WhatsApp", icon: MessageCircle },
};

export const channelName = (kind: ChannelKind): string => KINDS[kind].name;

/** The sign of a channel; named only where no word beside it says the same. */
export function ChannelIcon({
  kind,
  size = 16,
  named,
}: {
  kind: ChannelKind;
  size?: number;
  named?: boolean;
}) {
  const { name, icon: Icon } = KINDS[kind];
  return (
    <span className="inline-flex shrink-0" title={named ? name : undefined}>
      <Icon size={size} aria-hidden />
      {named && <span className="sr-only">{name}</span>}
    </span>
  );
}
