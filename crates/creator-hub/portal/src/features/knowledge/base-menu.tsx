import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useBases, useDeleteBase, useDeleteFolder, useFolders } from "@/api/knowledge";
import { asFailure } from "@/api/problem";
import type { Folder, KnowledgeBase } from "@/api/types";
import type { KnowledgeSearch } from "@/app/search";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { ConfirmName } from "@/ui/confirm-name";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { notify } from "@/ui/toast";
import { BaseForm, FolderForm } from "./base-forms";

type Open =
  | "new-base"
  | "rename-base"
  | "delete-base"
  | "new-folder"
  | "rename-folder"
  | "delete-folder"
  | null;

/** Making, renaming and deleting knowledge bases and folders; acts on the ones the filter has chosen. */
export function BaseMenu({ search }: { search: KnowledgeSearch }) {
  const [open, setOpen] = useState<Open>(null);
  const bases = useBases();
  const folders = useFolders(search.base);
  const base = bases.data?.find((known) => known.id === search.base);
  const folder = folders.data?.find((known) => known.id === search.folder);
  const close = () => setOpen(null);
  return (
    <>
      <Menu label="Knowledge bases and folders">
        <MenuItem onSelect={() => setOpen("new-base")}>New knowledge base</MenuItem>
        {base && (
          <>
            <MenuItem onSelect={() => setOpen("new-folder")}>New folder in {base.name}</MenuItem>
            <MenuLine />
            <MenuItem onSelect={() => setOpen("rename-base")}>Rename {base.name}</MenuItem>
            <MenuItem danger onSelect={() => setOpen("delete-base")}>
              Delete {base.name}
            </MenuItem>
          </>
        )}
        {folder && (
          <>
            <MenuLine />
            <MenuItem onSelect={() => setOpen("rename-folder")}>Rename folder {folder.name}</MenuItem>
            <MenuItem danger onSelect={() => setOpen("delete-folder")}>
              Delete folder {folder.name}
            </MenuItem>
          </>
        )}
      </Menu>
      <BaseForm open={open === "new-base"} onClose={close} />
      {base && <BaseForm key={base.id} open={open === "rename-base"} onClose={close} base={base} />}
      {base && <DeleteBase open={open === "delete-base"} onClose={close} base={base} />}
      {base && <FolderForm open={open === "new-folder"} onClose={close} base={base} />}
      {base && folder && (
        <FolderForm
          key={folder.id}
          open={open === "rename-folder"}
          onClose={close}
          base={base}
          folder={folder}
        />
      )}
      {base && folder && (
        <DeleteFolder open={open === "delete-folder"} onClose={close} base={base} folder={folder} />
      )}
    </>
  );
}

function DeleteBase({ open, onClose, base }: { open: boolean; onClose: () => void; base: KnowledgeBase }) {
  const remove = useDeleteBase(base.id);
  const navigate = useNavigate({ from: "/knowledge" });
  return (
    <ConfirmName
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={`Delete ${base.name}`}
      name={base.name}
      action="Delete the knowledge base"
      busy={remove.isPending && "Deleting"}
      error={remove.error}
      onConfirm={() =>
        after(remove.mutateAsync(), () => {
          onClose();
          void navigate({ search: {} });
          notify(`${base.name} is deleted.`);
        })
      }
    >
      {count(base.documents, "document")} in it, with every version and chunk, will be gone for good. No
      answer will quote them again.
    </ConfirmName>
  );
}

function DeleteFolder({
  open,
  onClose,
  base,
  folder,
}: {
  open: boolean;
  onClose: () => void;
  base: KnowledgeBase;
  folder: Folder;
}) {
  const remove = useDeleteFolder(base.id, folder.id);
  const navigate = useNavigate({ from: "/knowledge" });
  return (
    <ConfirmName
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={`Delete folder ${folder.name}`}
      name={folder.name}
      action="Delete the folder"
      busy={remove.isPending && "Deleting"}
      error={remove.error && asFailure(remove.error)}
      onConfirm={() =>
        after(remove.mutateAsync(), () => {
          onClose();
          void navigate({ search: { base: base.id } });
          notify(`Folder ${folder.name} is deleted.`);
        })
      }
    >
      The folder goes; its documents stay in {base.name} and keep answering.
    </ConfirmName>
  );
}
