import { useEffect, useState } from "preact/hooks";
import type { Strings } from "../i18n";

/** Takes files that are dragged over the panel, and says that it would. */
export function DropArea({ strings, onFiles }: { strings: Strings; onFiles(files: File[]): void }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const hover = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      // Without it the browser would open the file in place of the chat.
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      onFiles([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener("dragover", hover);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", hover);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [onFiles]);
  return over ? (
    <div class="drop-area">
      <p>{strings.dropHere}</p>
    </div>
  ) : null;
}
