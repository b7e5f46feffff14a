import { useState } from "react";
import type { Webhook } from "@/api/types";
import { useChangeWebhook } from "@/api/webhooks";
import { after } from "@/lib/after";
import { Dialog } from "@/ui/dialog";
import { notify } from "@/ui/toast";
import { WebhookForm } from "./webhook-form";

interface ChangeWebhookProps {
  webhook: Webhook;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function ChangeWebhook({ webhook, open, onOpenChange }: ChangeWebhookProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Change the webhook" wide>
      <Changing webhook={webhook} onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Changing({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  // As it was when the form opened: the page reads it again meanwhile, and a colleague's change must conflict.
  const [based] = useState(webhook);
  const change = useChangeWebhook(based);
  const { url, description, events } = based;
  return (
    <WebhookForm
      initial={{ url, description, events }}
      action="Save the webhook"
      busy={change.isPending && "Saving"}
      error={change.error}
      onSave={(form) =>
        after(change.mutateAsync(form), () => {
          onClose();
          notify("Saved. It holds from the next event on; what waits goes to this address too.");
        })
      }
      onCancel={onClose}
    />
  );
}
