import { useNavigate } from "@tanstack/react-router";
import { useMakeWebhook } from "@/api/webhooks";
import { Dialog } from "@/ui/dialog";
import { Secret } from "./secret";
import { WebhookForm } from "./webhook-form";
import { webhookName } from "./webhook-state";

export function NewWebhook({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New webhook" wide>
      <Making onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Making({ onClose }: { onClose: () => void }) {
  const make = useMakeWebhook();
  const navigate = useNavigate();
  if (make.data) {
    const { secret, webhook } = make.data;
    return (
      <Secret
        secret={secret}
        onClose={() => {
          onClose();
          void navigate({ to: "/settings/webhooks/$id", params: { id: webhook.id } });
        }}
      >
        Everything we post to {webhookName(webhook)} is signed with this secret. Copy it now: we cannot show
        it again.
      </Secret>
    );
  }
  return (
    <WebhookForm
      initial={{ url: "", description: "", events: [] }}
      action="Add the webhook"
      busy={make.isPending && "Adding"}
      error={make.error}
      onSave={(form) => make.mutate(form)}
      onCancel={onClose}
    />
  );
}
