import { type FormEvent, useState } from "react";
import { messageFor } from "@/api/problem";
import { useMakeKey } from "@/api/settings";
import type { Scope } from "@/api/types";
import { Button } from "@/ui/button";
import { CodeLine } from "@/ui/copy";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";

const SCOPES: readonly (readonly [Scope, string])[] = [
  ["read", "Read everything"],
  ["knowledge", "Add, change and delete documents"],
  ["chat", "Ask questions"],
  ["events", "Tell what happened to a client elsewhere, such as a finished workout"],
  ["admin", "Channels, settings and team"],
];

export function NewKey({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New API key">
      <KeyForm onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function KeyForm({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const make = useMakeKey();
  if (make.data) return <Secret secret={make.data.secret} name={make.data.key.name} onClose={onClose} />;
  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate({ name: name.trim(), scopes });
  }
  const scopeError = messageFor(make.error, "/scopes");
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        hint="What uses it, so that you know what stops when you revoke it."
        required
        value={name}
        error={messageFor(make.error, "/name")}
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset>
        <legend className="mb-1 text-sm font-medium">It may</legend>
        {SCOPES.map(([scope, words]) => (
          <label key={scope} className="flex min-h-8 items-center gap-2.5 pointer-coarse:min-h-11">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(
                  event.target.checked ? [...scopes, scope] : scopes.filter((known) => known !== scope),
                )
              }
            />
            {words}
          </label>
        ))}
        {scopeError && <p className="mt-1 text-bad">{scopeError}</p>}
      </fieldset>
      <FormErrors messages={formMessages(make.error, ["/name", "/scopes"])} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          disabled={!scopes.length}
          busy={make.isPending && "Making the key"}
        >
          Make the key
        </Button>
      </Actions>
    </form>
  );
}

function Secret({ secret, name, onClose }: { secret: string; name: string; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">
        This is the secret of {name}. Copy it now: we keep only a fingerprint of it and cannot show it again.
      </p>
      <CodeLine text={secret} what="the secret" />
      <Actions>
        <Button variant="primary" onClick={onClose}>
          I have copied it
        </Button>
      </Actions>
    </div>
  );
}
