import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useChangeMessenger, useDisconnect } from "@/api/messengers";
import type { Channel } from "@/api/types";
import { after } from "@/lib/after";
import { channelName } from "@/ui/channel";
import { ConfirmName } from "@/ui/confirm-name";
import { Menu, MenuItem } from "@/ui/menu";
import { notifyFailure } from "@/ui/notify-failure";
import { Switch } from "@/ui/switch";
import { notify } from "@/ui/toast";

/** On or off, and disconnecting. */
export function MessengerActions({ channel }: { channel: Channel }) {
  const change = useChangeMessenger(channel);
  const remove = useDisconnect(channel.id);
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState(false);
  const messenger = channelName(channel.kind);
  function turn(enabled: boolean) {
    after(
      change.mutateAsync({ enabled }),
      () =>
        notify(
          enabled
            ? `${messenger} is on: clients are answered there.`
            : `${messenger} is off: nothing is sent there, and nobody is answered.`,
        ),
      notifyFailure,
    );
  }
  return (
    <>
      <span className="flex items-center gap-2 text-ink-2">
        {channel.enabled ? "On" : "Off"}
        <Switch
          checked={change.isPending ? (change.variables.enabled ?? channel.enabled) : channel.enabled}
          onChange={turn}
          disabled={change.isPending}
          label={`${channel.name} is on`}
        />
      </span>
      <Menu label={`More for ${channel.name}`}>
        <MenuItem danger onSelect={() => setLeaving(true)}>
          Disconnect it
        </MenuItem>
      </Menu>
      <ConfirmName
        open={leaving}
        onOpenChange={setLeaving}
        title={`Disconnect ${channel.name}`}
        name={channel.name}
        action="Disconnect it"
        busy={remove.isPending && "Disconnecting"}
        error={remove.error}
        onConfirm={() =>
          after(remove.mutateAsync(), () => {
            notify(`${channel.name} is disconnected.`);
            void navigate({ to: "/channels" });
          })
        }
      >
        Nothing is received or sent there any more, and its token is forgotten. The conversations that were
        held there are kept. To pause it, switch it off instead.
      </ConfirmName>
    </>
  );
}
