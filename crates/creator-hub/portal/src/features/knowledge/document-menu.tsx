import { useState } from "react";
import type { Document } from "@/api/types";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { DeleteDocument } from "./delete-document";
import { DocumentDetails } from "./document-details";

export function DocumentMenu({ document, onDeleted }: { document: Document; onDeleted?: () => void }) {
  const [open, setOpen] = useState<"details" | "delete" | null>(null);
  return (
    <>
      <Menu label={`More for ${document.title}`}>
        <MenuItem onSelect={() => setOpen("details")}>Title, folder, date and link</MenuItem>
        <MenuItem onSelect={() => window.location.assign(`/api/v1/documents/${document.id}/file`)}>
          Download the original
        </MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => setOpen("delete")}>
          Delete
        </MenuItem>
      </Menu>
      <DocumentDetails document={document} open={open === "details"} onClose={() => setOpen(null)} />
      <DeleteDocument
        document={document}
        open={open === "delete"}
        onClose={() => setOpen(null)}
        onDeleted={onDeleted}
      />
    </>
  );
}
