import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useCan } from "@/api/account";
import { useBases, useFolders } from "@/api/knowledge";
import type { Stage } from "@/api/types";
import type { KnowledgeSearch } from "@/app/search";
import { SelectField, TextField } from "@/ui/field";
import { BaseMenu } from "./base-menu";

const STAGES: readonly (readonly [Stage | "", string])[] = [
  ["", "Every stage"],
  ["queued", "Waiting"],
  ["parsing", "Being read"],
  ["embedding", "Being indexed"],
  ["ready", "Searchable"],
  ["failed", "Failed"],
];

const TYPING_PAUSE_MS = 250;

/** What the list shows. All of it lives in the address, so that a view can be sent to a colleague. */
export function Filters({ search }: { search: KnowledgeSearch }) {
  const navigate = useNavigate({ from: "/knowledge" });
  const bases = useBases();
  const folders = useFolders(search.base);
  const mayEdit = useCan("edit_knowledge");
  const set = (change: KnowledgeSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const menu = mayEdit && <BaseMenu search={search} />;
  return (
    <div className="mb-4 grid grid-cols-2 items-end gap-2 sm:flex sm:flex-wrap">
      <div className="col-span-2 flex items-end gap-1 sm:w-72">
        <div className="min-w-0 flex-1">
          <SearchField value={search.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
        </div>
        <span className="sm:hidden">{menu}</span>
      </div>
      {(bases.data?.length ?? 0) > 0 && (
        <SelectField
          label="Knowledge base"
          hideLabel
          className="truncate sm:w-52"
          value={search.base ?? ""}
          onChange={(event) => set({ base: event.target.value || undefined, folder: undefined })}
          options={[
            ["", "All knowledge bases"],
            ...(bases.data ?? []).map((base) => [base.id, `${base.name} (${base.documents})`] as const),
          ]}
        />
      )}
      {search.base && (folders.data?.length ?? 0) > 0 && (
        <SelectField
          label="Folder"
          hideLabel
          className="truncate sm:w-40"
          value={search.folder ?? ""}
          onChange={(event) => set({ folder: event.target.value || undefined })}
          options={[
            ["", "Every folder"],
            ...(folders.data ?? []).map((folder) => [folder.id, folder.name] as const),
          ]}
        />
      )}
      <SelectField
        label="Stage"
        hideLabel
        className="sm:w-36"
        value={search.stage ?? ""}
        onChange={(event) => set({ stage: (event.target.value || undefined) as Stage | undefined })}
        options={STAGES}
      />
      <span className="hidden sm:block">{menu}</span>
    </div>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing restarts the pause.
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextField
      label="Find a document"
      hideLabel
      type="search"
      placeholder="Find a document"
      data-page-search=""
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
