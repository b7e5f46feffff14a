import { useState } from "react";
import { useCan } from "@/api/account";
import { useUnlink } from "@/api/clients";
import type { ClientDetail, Identity } from "@/api/types";
import { after } from "@/lib/after";
import { Dot } from "@/ui/badge";
import { Button } from "@/ui/button";
import { ChannelIcon, channelName } from "@/ui/channel";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";
import { identityState } from "./identity-state";

/** Every channel this client is known on, with what may be sent there. `full` adds unlinking. */
export function Identities({ client, full }: { client: ClientDetail; full?: boolean }) {
  const mayAnswer = useCan("answer");
  const [leaving, setLeaving] = useState<Identity | null>(null);
  if (!client.identities.length) return <p className="text-ink-2">On no channel any more.</p>;
  return (
    <>
      <ul className={full ? "divide-y divide-line border-y border-line" : "flex flex-col gap-3"}>
        {client.identities.map((identity) => (
          <li key={identity.id} className={full ? "flex items-center gap-4 py-3" : "flex gap-2.5"}>
            <Line identity={identity} />
            {full && mayAnswer && client.identities.length > 1 && (
              <Button
                small
                onClick={() => setLeaving(identity)}
                aria-label={`Unlink ${channelName(identity.channel.kind)}`}
              >
                Unlink
              </Button>
            )}
          </li>
        ))}
      </ul>
      {leaving && <Unlink client={client} identity={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

function Line({ identity }: { identity: Identity }) {
  const { tone, words } = identityState(identity);
  const { kind, name } = identity.channel;
  return (
    <>
      <ChannelIcon kind={kind} size={16} className="mt-0.5 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          <span className="font-medium">{channelName(kind)}</span>
          <span className="text-ink-3">, {name}</span>
        </p>
        <p className="flex items-baseline gap-2 text-ink-2">
          {tone !== "plain" && <Dot tone={tone} />}
          <span className="min-w-0 break-words">{words}</span>
        </p>
        {identity.verified && kind === "widget" && (
          <p className="text-xs text-ink-3">Signed in on your site</p>
        )}
      </div>
    </>
  );
}

interface UnlinkProps {
  client: ClientDetail;
  identity: Identity;
  onClose: () => void;
}

function Unlink({ client, identity, onClose }: UnlinkProps) {
  const unlink = useUnlink(client.id);
  const channel = channelName(identity.channel.kind);
  return (
    <Dialog open onOpenChange={(stays) => !stays && onClose()} title={`Unlink ${channel}`}>
      <p className="text-ink-2">
        Whoever writes there counts as a client of their own from now on, with the conversation held on{" "}
        {channel}. {client.display_name} keeps everything else. Nothing is deleted, and a link code ties both
        together again.
      </p>
      <FormErrors messages={formMessages(unlink.error)} />
      <Actions>
        <Button onClick={onClose}>Keep it linked</Button>
        <Button
          variant="danger"
          busy={unlink.isPending && "Unlinking"}
          onClick={() =>
            after(unlink.mutateAsync(identity.id), () => {
              notify(`${channel} is unlinked.`);
              onClose();
            })
          }
        >
          Unlink {channel}
        </Button>
      </Actions>
    </Dialog>
  );
}
