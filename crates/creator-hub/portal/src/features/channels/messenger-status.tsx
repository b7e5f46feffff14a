import { useState } from "react";
import type { Channel } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button, OutLink } from "@/ui/button";
import { ChannelIcon, channelName } from "@/ui/channel";
import { Dialog } from "@/ui/dialog";
import { Time } from "@/ui/time";
import { channelState, handleOf } from "./channel-state";
import { ConnectTelegram } from "./connect-telegram";
import { ConnectWhatsapp } from "./connect-whatsapp";

/** What people know it by, whether it works, and what to do when it does not. */
export function MessengerStatus({ channel, mayEdit }: { channel: Channel; mayEdit: boolean }) {
  const { connection, kind } = channel;
  const [renewing, setRenewing] = useState(false);
  const close = () => setRenewing(false);
  const { tone, word } = channelState(channel);
  const broken = channel.enabled && connection?.state !== "connected";
  return (
    <div className="mb-10 -mt-2">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="flex items-center gap-2">
          <ChannelIcon kind={kind} size={18} className="text-accent" />
          {connection?.link ? (
            <OutLink href={connection.link}>{handleOf(channel)}</OutLink>
          ) : (
            <span className="font-medium">{handleOf(channel)}</span>
          )}
        </span>
        <Badge tone={tone}>{word}</Badge>
        {connection && (
          <span className="text-ink-3">
            {channelName(kind)} confirmed it <Time at={connection.checked_at} />
          </span>
        )}
      </p>
      {broken && connection && (
        <div
          role="status"
          className="mt-3 flex max-w-160 flex-wrap items-center gap-3 rounded-md bg-amber-soft px-4 py-3"
        >
          <p className="min-w-0 flex-1 basis-60">
            {connection.state_reason ?? "Nothing is sent until somebody looks at it."} What clients write is
            kept.
          </p>
          {mayEdit && <Button onClick={() => setRenewing(true)}>Connect it again</Button>}
        </div>
      )}
      <Dialog open={renewing} onOpenChange={close} title={`Connect ${channelName(kind)} again`} wide>
        {kind === "telegram" ? <ConnectTelegram onClose={close} /> : <ConnectWhatsapp onClose={close} />}
      </Dialog>
    </div>
  );
}
