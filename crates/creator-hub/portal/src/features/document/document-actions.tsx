import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useCan } from "@/api/account";
import { putDocument } from "@/api/document-cache";
import type { Document } from "@/api/types";
import { DocumentMenu } from "@/features/knowledge/document-menu";
import { DocumentSwitch } from "@/features/knowledge/document-switch";
import { enqueue } from "@/features/uploads/upload-store";
import { ACCEPTED } from "@/lib/stage";
import { Button } from "@/ui/button";

export function DocumentActions({ document, onDeleted }: { document: Document; onDeleted: () => void }) {
  const mayEdit = useCan("edit_knowledge");
  const input = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  function send(file: File | undefined) {
    if (!file) return;
    enqueue([
      {
        path: `/api/v1/documents/${document.id}/versions`,
        file,
        fields: {},
        onDone: (changed) => {
          putDocument(client, changed);
          void client.invalidateQueries({ queryKey: ["versions", document.id] });
        },
      },
    ]);
  }
  return (
    <>
      <span className="flex items-center gap-2 text-ink-2">
        {document.enabled ? "Answers use it" : "Answers don't use it"}
        <DocumentSwitch document={document} />
      </span>
      {mayEdit && (
        <>
          <Button variant="primary" onClick={() => input.current?.click()}>
            Upload version {document.version.number + 1}
          </Button>
          <input
            ref={input}
            type="file"
            hidden
            accept={ACCEPTED}
            aria-label="Choose the file of the new version"
            onChange={(event) => {
              send(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
          <DocumentMenu document={document} onDeleted={onDeleted} />
        </>
      )}
    </>
  );
}
