import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useChangeBase, useChangeFolder, useMakeBase, useMakeFolder } from "@/api/knowledge";
import { messageFor } from "@/api/problem";
import type { Folder, KnowledgeBase } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";

interface Opening {
  open: boolean;
  onClose: () => void;
}

/** Makes a knowledge base, or renames `base`. */
export function BaseForm({ open, onClose, base }: Opening & { base?: KnowledgeBase }) {
  return (
    <Dialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={base ? `Rename ${base.name}` : "New knowledge base"}
      description={
        base
          ? undefined
          : "A base is what a widget answers from. Most coaches need one; two help to keep paid material apart."
      }
    >
      <BaseFields base={base} onClose={onClose} />
    </Dialog>
  );
}

function BaseFields({ base, onClose }: { base?: KnowledgeBase; onClose: () => void }) {
  const [name, setName] = useState(base?.name ?? "");
  const [description, setDescription] = useState(base?.description ?? "");
  const make = useMakeBase();
  const change = useChangeBase(base?.id ?? "");
  const navigate = useNavigate({ from: "/knowledge" });
  const { error, isPending } = base ? change : make;
  function submit(event: FormEvent) {
    event.preventDefault();
    const form = { name: name.trim(), description: description.trim() };
    if (base) {
      after(change.mutateAsync(form), onClose);
      return;
    }
    after(make.mutateAsync(form), (made) => {
      onClose();
      void navigate({ search: { base: made.id } });
    });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        required
        value={name}
        error={messageFor(error, "/name")}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label="What is in it"
        optional
        value={description}
        error={messageFor(error, "/description")}
        onChange={(event) => setDescription(event.target.value)}
      />
      <FormErrors messages={formMessages(error, ["/name", "/description"])} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isPending && "Saving"}>
          {base ? "Save" : "Make the knowledge base"}
        </Button>
      </Actions>
    </form>
  );
}

/** Makes a folder in `base`, or renames `folder`. */
export function FolderForm({
  open,
  onClose,
  base,
  folder,
}: Opening & { base: KnowledgeBase; folder?: Folder }) {
  return (
    <Dialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={folder ? `Rename folder ${folder.name}` : `New folder in ${base.name}`}
    >
      <FolderFields base={base} folder={folder} onClose={onClose} />
    </Dialog>
  );
}

function FolderFields({
  base,
  folder,
  onClose,
}: {
  base: KnowledgeBase;
  folder?: Folder;
  onClose: () => void;
}) {
  const [name, setName] = useState(folder?.name ?? "");
  const make = useMakeFolder(base.id);
  const change = useChangeFolder(base.id, folder?.id ?? "");
  const { mutateAsync, error, isPending } = folder ? change : make;
  function submit(event: FormEvent) {
    event.preventDefault();
    after(mutateAsync({ name: name.trim() }), onClose);
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        required
        value={name}
        error={messageFor(error, "/name")}
        onChange={(event) => setName(event.target.value)}
      />
      <FormErrors messages={formMessages(error, ["/name"])} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isPending && "Saving"}>
          {folder ? "Save" : "Make the folder"}
        </Button>
      </Actions>
    </form>
  );
}
