import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "./button";
import { Actions, Dialog } from "./dialog";
import { FormErrors, TextField } from "./field";
import { formMessages } from "./form-error";

interface ConfirmNameProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What will be gone, and what stays. */
  children: ReactNode;
  /** The name that must be typed. */
  name: string;
  action: string;
  busy: string | false;
  error: unknown;
  onConfirm: () => void;
}

/** Asks for the name of a thing before it is destroyed for good. */
export function ConfirmName(props: ConfirmNameProps) {
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={props.title}>
      <ConfirmForm {...props} />
    </Dialog>
  );
}

function ConfirmForm({ children, name, action, busy, error, onConfirm, onOpenChange }: ConfirmNameProps) {
  const [typed, setTyped] = useState("");
  const matches = typed.trim() === name.trim();
  function submit(event: FormEvent) {
    event.preventDefault();
    if (matches) onConfirm();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div className="text-sm text-ink-2">{children}</div>
      <TextField
        label={
          <>
            Type <span className="rounded-sm bg-sunken px-1 break-all select-all">{name}</span> to confirm
          </>
        }
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
      <FormErrors messages={formMessages(error)} />
      <Actions>
        <Button onClick={() => onOpenChange(false)}>Keep it</Button>
        <Button type="submit" variant="danger" disabled={!matches} busy={busy}>
          {action}
        </Button>
      </Actions>
    </form>
  );
}
