import { type FormEvent, useState } from "react";
import { messageFor } from "@/api/problem";
import type { EventKind } from "@/api/types";
import type { WebhookForm as Form } from "@/api/webhooks";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { EventChoice } from "./event-choice";

const LONGEST_DESCRIPTION = 200;
const SHOWN = ["/url", "/description", "/events"];

interface WebhookFormProps {
  initial: Form;
  action: string;
  busy: string | false;
  error: unknown;
  onSave: (form: Form) => void;
  onCancel: () => void;
}

export function WebhookForm({ initial, action, busy, error, onSave, onCancel }: WebhookFormProps) {
  const [url, setUrl] = useState(initial.url);
  const [description, setDescription] = useState(initial.description);
  const [chosen, setChosen] = useState<EventKind[] | null>(initial.events.length ? initial.events : null);
  function submit(event: FormEvent) {
    event.preventDefault();
    onSave({ url: url.trim(), description: description.trim(), events: chosen ?? [] });
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <TextField
        label="Address"
        hint="Where events are posted. It begins with https:// and can be reached from the internet."
        type="url"
        inputMode="url"
        placeholder="https://example.org/hooks/coxswain"
        autoComplete="off"
        spellCheck={false}
        required
        value={url}
        error={messageFor(error, "/url")}
        onChange={(event) => setUrl(event.target.value)}
      />
      <TextField
        label="What it is for"
        optional
        maxLength={LONGEST_DESCRIPTION}
        value={description}
        error={messageFor(error, "/description")}
        onChange={(event) => setDescription(event.target.value)}
      />
      <EventChoice chosen={chosen} onChange={setChosen} error={messageFor(error, "/events")} />
      <FormErrors messages={formMessages(error, SHOWN)} />
      <Actions>
        <Button onClick={onCancel}>Cancel</Button>
        {/* None chosen would mean all of them to the server. */}
        <Button
          type="submit"
          variant="primary"
          disabled={!url.trim() || (chosen !== null && !chosen.length)}
          busy={busy}
        >
          {action}
        </Button>
      </Actions>
    </form>
  );
}
