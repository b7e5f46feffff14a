import { useState } from "react";
import { useCan } from "@/api/account";
import { useChannels } from "@/api/channels";
import { useAllChannels } from "@/api/messengers";
import type { Channel, ChannelKind } from "@/api/types";
import { count } from "@/lib/count";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { More } from "@/ui/more";
import { Page } from "@/ui/page";
import { Failure, Skeleton } from "@/ui/states";
import { channelState, handleOf } from "./channel-state";
import { ConnectTelegram } from "./connect-telegram";
import { ConnectWhatsapp } from "./connect-whatsapp";
import { type AccountLine, KindCard } from "./kind-card";
import { NewWidget } from "./new-widget";
import { WhatsappSwitch } from "./whatsapp-switch";

const KINDS = [
  {
    kind: "widget",
    lead: "A small window on your website. You copy one line into your page.",
    action: "New widget",
  },
  {
    kind: "telegram",
    lead: "A bot of your own. You paste its token; no public address is needed.",
    action: "Connect Telegram",
  },
  {
    kind: "whatsapp",
    lead: "A business number on Meta's Cloud API. It takes an account at Meta and about a quarter of an hour.",
    action: "Connect WhatsApp",
  },
] as const satisfies readonly { kind: ChannelKind; lead: string; action: string }[];

/** How do people reach me? */
export function ChannelsPage() {
  const channels = useAllChannels();
  const widgets = useChannels();
  const mayEdit = useCan("channels");
  const [making, setMaking] = useState<ChannelKind | null>(null);
  const sites = new Map(widgets.items.map(({ id, settings }) => [id, settings?.allowed_origins.length ?? 0]));
  const close = () => setMaking(null);
  return (
    <Page title="Channels" lead="How clients reach you. Each person keeps one history, wherever they write.">
      {channels.isPending ? (
        <Loading />
      ) : channels.isError && !channels.items.length ? (
        <Failure error={channels.error} what="your channels" retry={() => void channels.refetch()} />
      ) : (
        <>
          <div className="grid items-stretch gap-4 md:grid-cols-2 lg:grid-cols-3">
            {KINDS.map(({ kind, lead, action }) => (
              <KindCard
                key={kind}
                kind={kind}
                lead={lead}
                accounts={channels.items
                  .filter((channel) => channel.kind === kind)
                  .map((channel) => lineOf(channel, sites.get(channel.id)))}
                action={mayEdit && <Button onClick={() => setMaking(kind)}>{action}</Button>}
              >
                {kind === "whatsapp" && channels.items.some((channel) => channel.kind === kind) && (
                  <WhatsappSwitch mayEdit={mayEdit} />
                )}
              </KindCard>
            ))}
          </div>
          {!mayEdit && <p className="mt-4 text-ink-3">An admin of your team connects channels.</p>}
          <More query={channels} what="channels" />
        </>
      )}
      <Dialog open={making === "widget"} onOpenChange={close} title="New widget">
        <NewWidget onClose={close} />
      </Dialog>
      <Dialog open={making === "telegram"} onOpenChange={close} title="Connect Telegram" wide>
        <ConnectTelegram onClose={close} />
      </Dialog>
      <Dialog open={making === "whatsapp"} onOpenChange={close} title="Connect WhatsApp" wide>
        <ConnectWhatsapp onClose={close} />
      </Dialog>
    </Page>
  );
}

function lineOf(channel: Channel, sites: number | undefined): AccountLine {
  const { id, name, kind, connection } = channel;
  if (kind !== "widget") {
    const said = connection?.state === "connected" ? null : connection?.state_reason;
    return { id, name, detail: said ?? handleOf(channel), state: channelState(channel) };
  }
  const allowed = sites ? `Shown on ${count(sites, "site")}` : "Not allowed on any site yet";
  const needs = channel.enabled && sites === 0;
  return {
    id,
    name,
    detail: sites === undefined ? "" : allowed,
    state: needs ? { tone: "amber", word: "Needs a site" } : channelState(channel),
  };
}

function Loading() {
  return (
    <div role="status" className="grid gap-4 md:grid-cols-2 lg:grid-cols-3">
      <span className="sr-only">Reading your channels</span>
      {KINDS.map(({ kind }) => (
        <Skeleton key={kind} className="h-56" />
      ))}
    </div>
  );
}
