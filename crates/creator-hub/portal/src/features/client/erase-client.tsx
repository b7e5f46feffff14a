import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useEraseClient } from "@/api/clients";
import type { ClientDetail } from "@/api/types";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { Button } from "@/ui/button";
import { ConfirmName } from "@/ui/confirm-name";
import { notify } from "@/ui/toast";

/** Erases a person for good, once their name was typed. */
export function EraseClient({ client }: { client: ClientDetail }) {
  const [open, setOpen] = useState(false);
  const erase = useEraseClient(client.id);
  const navigate = useNavigate();
  return (
    <>
      <Button variant="danger" onClick={() => setOpen(true)}>
        Erase this client
      </Button>
      <ConfirmName
        open={open}
        onOpenChange={setOpen}
        title="Erase this client"
        name={client.display_name}
        action="Erase for good"
        busy={erase.isPending && "Erasing"}
        error={erase.error}
        onConfirm={() =>
          after(erase.mutateAsync(), () => {
            setOpen(false);
            notify(`${client.display_name} is erased.`);
            void navigate({ to: "/clients" });
          })
        }
      >
        {count(client.conversations.length, "conversation")} on {count(client.identities.length, "channel")}{" "}
        will be gone for good: every message, the files they sent, what they agreed to, and your team's notes.
        The audit log keeps only that somebody was erased. When they write again, they are somebody new.
      </ConfirmName>
    </>
  );
}
