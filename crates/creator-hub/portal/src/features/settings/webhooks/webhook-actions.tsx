import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Webhook } from "@/api/types";
import { useChangeWebhook, useDeleteWebhook, useSendTestEvent } from "@/api/webhooks";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { ConfirmName } from "@/ui/confirm-name";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { notifyFailure } from "@/ui/notify-failure";
import { notify } from "@/ui/toast";
import { ChangeWebhook } from "./change-webhook";
import { NewSecret } from "./new-secret";
import { webhookName } from "./webhook-state";

/** What can be done with a webhook. */
export function WebhookActions({ webhook }: { webhook: Webhook }) {
  const [open, setOpen] = useState<"change" | "secret" | "delete" | null>(null);
  const name = webhookName(webhook);
  const shut = (stays: boolean) => {
    if (!stays) setOpen(null);
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SendTest webhook={webhook} />
      <PauseButton webhook={webhook} />
      <Menu label={`More for ${name}`}>
        <MenuItem onSelect={() => setOpen("change")}>Change it</MenuItem>
        <MenuItem onSelect={() => setOpen("secret")}>Give it a new secret</MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => setOpen("delete")}>
          Delete it
        </MenuItem>
      </Menu>
      <ChangeWebhook webhook={webhook} open={open === "change"} onOpenChange={shut} />
      <NewSecret webhook={webhook} open={open === "secret"} onOpenChange={shut} />
      <DeleteWebhook webhook={webhook} open={open === "delete"} onOpenChange={shut} />
    </div>
  );
}

function SendTest({ webhook }: { webhook: Webhook }) {
  const send = useSendTestEvent(webhook.id);
  const navigate = useNavigate();
  function test() {
    after(
      send.mutateAsync(),
      (delivery) =>
        void navigate({
          to: "/settings/webhooks/$id",
          params: { id: webhook.id },
          search: { delivery: delivery.id },
        }),
      notifyFailure,
    );
  }
  return (
    <Button disabled={webhook.state === "paused"} busy={send.isPending && "Sending"} onClick={test}>
      Send a test event
    </Button>
  );
}

function PauseButton({ webhook }: { webhook: Webhook }) {
  const change = useChangeWebhook(webhook);
  const on = webhook.state === "on";
  const turn = () =>
    after(
      change.mutateAsync({ enabled: !on }),
      () =>
        notify(
          on
            ? "Paused. What happens meanwhile waits here for 30 days."
            : "Resumed. What has waited is being posted.",
        ),
      notifyFailure,
    );
  return (
    <Button
      variant={on ? "plain" : "primary"}
      busy={change.isPending && (on ? "Pausing" : "Resuming")}
      onClick={turn}
    >
      {on ? "Pause" : "Resume"}
    </Button>
  );
}

interface DeleteWebhookProps {
  webhook: Webhook;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function DeleteWebhook({ webhook, open, onOpenChange }: DeleteWebhookProps) {
  const remove = useDeleteWebhook(webhook.id);
  const navigate = useNavigate();
  const name = webhookName(webhook);
  return (
    <ConfirmName
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete ${name}`}
      name={name}
      action="Delete the webhook"
      busy={remove.isPending && "Deleting"}
      error={remove.error}
      onConfirm={() =>
        after(remove.mutateAsync(), () => {
          notify(`${name} is deleted.`);
          void navigate({ to: "/settings/webhooks" });
        })
      }
    >
      Nothing more is posted there, and its deliveries and its secret are gone. To stop it for a while, pause
      it instead.
    </ConfirmName>
  );
}
