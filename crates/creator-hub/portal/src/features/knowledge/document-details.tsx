import { type FormEvent, useState } from "react";
import { useChangeDocument, useFolders } from "@/api/knowledge";
import { messageFor } from "@/api/problem";
import type { Document } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors, SelectField, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notifyFailure } from "@/ui/notify-failure";
import { notify } from "@/ui/toast";

interface DocumentDetailsProps {
  document: Document;
  open: boolean;
  onClose: () => void;
}

export function DocumentDetails({ document, open, onClose }: DocumentDetailsProps) {
  return (
    <Dialog open={open} onOpenChange={(stays) => !stays && onClose()} title="Title, folder, date and link">
      <DetailsForm document={document} onClose={onClose} />
    </Dialog>
  );
}

const SHOWN = ["/title", "/folder_id", "/published_on", "/citation_url"];

function DetailsForm({ document, onClose }: { document: Document; onClose: () => void }) {
  const before = {
    title: document.title,
    folder_id: document.folder_id ?? null,
    published_on: document.published_on ?? null,
    citation_url: document.citation_url ?? null,
  };
  const [form, setForm] = useState(before);
  const change = useChangeDocument(document.id);
  const folders = useFolders(document.knowledge_base_id);
  function submit(event: FormEvent) {
    event.preventDefault();
    after(change.mutateAsync(form), () => {
      onClose();
      notify("Saved. New answers use it from now on.", {
        undo: () => after(change.mutateAsync(before), () => {}, notifyFailure),
      });
    });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Title"
        hint="Clients see it with each quote."
        required
        value={form.title}
        error={messageFor(change.error, "/title")}
        onChange={(event) => setForm({ ...form, title: event.target.value })}
      />
      {(folders.data?.length ?? 0) > 0 && (
        <SelectField
          label="Folder"
          value={form.folder_id ?? ""}
          error={messageFor(change.error, "/folder_id")}
          onChange={(event) => setForm({ ...form, folder_id: event.target.value || null })}
          options={[
            ["", "No folder"],
            ...(folders.data ?? []).map((folder) => [folder.id, folder.name] as const),
          ]}
        />
      )}
      <TextField
        label="Published on"
        optional
        type="date"
        value={form.published_on ?? ""}
        error={messageFor(change.error, "/published_on")}
        onChange={(event) => setForm({ ...form, published_on: event.target.value || null })}
      />
      <TextField
        label="Citation link"
        optional
        type="url"
        placeholder="https://"
        hint="Where clients can get the whole work. Leave it empty and quotes carry no link."
        value={form.citation_url ?? ""}
        error={messageFor(change.error, "/citation_url")}
        onChange={(event) => setForm({ ...form, citation_url: event.target.value || null })}
      />
      <FormErrors messages={formMessages(change.error, SHOWN)} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={change.isPending && "Saving"}>
          Save
        </Button>
      </Actions>
    </form>
  );
}
