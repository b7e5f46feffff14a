import type { Webhook } from "@/api/types";
import { useNewSecret } from "@/api/webhooks";
import { exact } from "@/lib/time";
import { Button } from "@/ui/button";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { Secret } from "./secret";

interface NewSecretProps {
  webhook: Webhook;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Exchanges what deliveries are signed with, without missing one. */
export function NewSecret({ webhook, open, onOpenChange }: NewSecretProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="A new secret">
      <Exchange webhook={webhook} onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Exchange({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const exchange = useNewSecret(webhook.id);
  if (exchange.data) {
    const { secret, previous_until } = exchange.data;
    return (
      <Secret secret={secret} onClose={onClose}>
        This is the new secret. Copy it now: we cannot show it again. The old one signs too until{" "}
        {exact(previous_until)}.
      </Secret>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">
        The new secret is shown once. For 24 hours both sign everything we post, so your program can change
        over without missing an event; then the old one is worth nothing.
      </p>
      <FormErrors messages={formMessages(exchange.error)} />
      <Actions>
        <Button onClick={onClose}>Keep the old one</Button>
        <Button
          variant="primary"
          busy={exchange.isPending && "Making the secret"}
          onClick={() => exchange.mutate()}
        >
          Make a new secret
        </Button>
      </Actions>
    </div>
  );
}
