import { useDeleteDocument } from "@/api/knowledge";
import type { Document } from "@/api/types";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { ConfirmName } from "@/ui/confirm-name";
import { notify } from "@/ui/toast";

interface DeleteDocumentProps {
  document: Document;
  open: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteDocument({ document, open, onClose, onDeleted }: DeleteDocumentProps) {
  const remove = useDeleteDocument(document.id);
  return (
    <ConfirmName
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title="Delete this document"
      name={document.title}
      action="Delete the document"
      busy={remove.isPending && "Deleting"}
      error={remove.error}
      onConfirm={() =>
        after(remove.mutateAsync(), () => {
          onClose();
          notify(`${document.title} is deleted.`);
          onDeleted?.();
        })
      }
    >
      The file, {count(document.versions_count, "version")} and everything read from it will be gone for good;
      no answer will quote it again. To keep it but stop using it, switch it off instead.
    </ConfirmName>
  );
}
