import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { forgetDocument, putDocument, refreshLists } from "./document-cache";
import { subscribe } from "./subscribe";
import type { Document } from "./types";

/** Keeps every list and view of documents live for as long as the shell is shown. */
export function useDocumentEvents(): void {
  const client = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    let opened = false;
    void subscribe(
      "/api/v1/documents/events",
      stop.signal,
      ({ event, data }) => {
        if (event === "document.deleted") {
          forgetDocument(client, (JSON.parse(data) as { id: string }).id);
          void client.invalidateQueries({ queryKey: ["bases"] });
        }
        if (event === "document") {
          const document = JSON.parse(data) as Document;
          const settled = document.version.stage === "ready" || document.version.stage === "failed";
          if (settled) void client.invalidateQueries({ queryKey: ["versions", document.id] });
          // A list that has never seen the document, or filters by its stage, must be read again.
          if (!putDocument(client, document) || settled) void refreshLists(client);
        }
      },
      () => {
        // What happened while the stream was down was not heard.
        if (opened) void refreshLists(client);
        opened = true;
      },
    );
    return () => stop.abort();
  }, [client]);
}
