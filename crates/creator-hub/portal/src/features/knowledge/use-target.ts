import { useQueryClient } from "@tanstack/react-query";
import { refreshLists } from "@/api/document-cache";
import { useBases, useMakeBase } from "@/api/knowledge";
import { enqueue } from "@/features/uploads/upload-store";
import { notify } from "@/ui/toast";

const FIRST_BASE = "My knowledge";

/**
 * Where something added on the Knowledge page goes: the base that is chosen, else the first one,
 * else a first base that is made on the spot.
 */
export function useTarget(filter: { base?: string; folder?: string }) {
  const client = useQueryClient();
  const bases = useBases();
  const make = useMakeBase();
  const chosen = bases.data?.find((base) => base.id === filter.base) ?? bases.data?.[0];

  async function resolve(): Promise<{ base: string; folder?: string }> {
    if (chosen) return { base: chosen.id, folder: chosen.id === filter.base ? filter.folder : undefined };
    const made = await make.mutateAsync({ name: FIRST_BASE });
    return { base: made.id };
  }

  async function addFiles(files: Iterable<File>) {
    const list = [...files];
    if (!list.length) return;
    try {
      const { base, folder } = await resolve();
      const fields = { knowledge_base_id: base, ...(folder ? { folder_id: folder } : {}) };
      enqueue(
        list.map((file) => ({
          path: "/api/v1/documents",
          file,
          fields,
          onDone: () => void refreshLists(client),
        })),
      );
    } catch (error) {
      notify(error instanceof Error ? error.message : "The files could not be added.", { tone: "bad" });
    }
  }

  return { name: chosen?.name ?? FIRST_BASE, resolve, addFiles };
}
