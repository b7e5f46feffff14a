import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useMe } from "@/api/account";
import { useMakeWidget } from "@/api/channels";
import { messageFor } from "@/api/problem";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";

export function NewWidget({ onClose }: { onClose: () => void }) {
  const { creator } = useMe();
  const [name, setName] = useState(`${creator.name}'s website`);
  const make = useMakeWidget();
  const router = useRouter();
  function submit(event: FormEvent) {
    event.preventDefault();
    after(
      make.mutateAsync({ name: name.trim() }),
      ({ id }) => void router.navigate({ to: "/channels/$id", params: { id } }),
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        hint="Only your team sees it."
        required
        value={name}
        error={messageFor(make.error, "/name")}
        onChange={(event) => setName(event.target.value)}
      />
      <FormErrors messages={formMessages(make.error, ["/name"])} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={make.isPending && "Making the widget"}>
          Make the widget
        </Button>
      </Actions>
    </form>
  );
}
