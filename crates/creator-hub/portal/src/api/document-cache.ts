import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { dropItem, type Page, replaceItem } from "./pages";
import type { Document } from "./types";

type Pages = InfiniteData<Page<Document>>;

/** Writes a document into every list and view that shows it. True when some list had it. */
export function putDocument(client: QueryClient, document: Document): boolean {
  client.setQueryData(["document", document.id], document);
  let known = false;
  for (const [key, data] of client.getQueriesData<Pages>({ queryKey: ["documents"] })) {
    const next = replaceItem(data, document);
    known ||= next !== data;
    if (next !== data) client.setQueryData(key, next);
  }
  return known;
}

/** Takes a deleted document out of every list. */
export function forgetDocument(client: QueryClient, id: string): void {
  for (const [key, data] of client.getQueriesData<Pages>({ queryKey: ["documents"] })) {
    client.setQueryData(key, dropItem(data, id));
  }
  void client.invalidateQueries({ queryKey: ["document", id] });
}

/** After something was added or deleted: the lists, the counts beside the bases, and Home. */
export async function refreshLists(client: QueryClient): Promise<void> {
  await Promise.all(
    [["documents"], ["unread-documents"], ["bases"], ["home"]].map((queryKey) =>
      client.invalidateQueries({ queryKey }),
    ),
  );
}
