import { RotateCw, X } from "lucide-react";
import { useEffect } from "react";
import { bytes, count } from "@/lib/count";
import { Progress } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { remove, type Sending, tryAgain, useSending } from "./upload-store";

/** The files still on their way, whichever page is open. */
export function UploadTray() {
  const sending = useSending();
  const busy = sending.some((item) => item.state !== "failed");
  useEffect(() => {
    if (!busy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [busy]);
  if (!sending.length) return null;
  const going = sending.filter((item) => item.state !== "failed").length;
  const failed = sending.length - going;
  return (
    <section
      aria-label="Uploads"
      className="fixed right-4 bottom-20 z-30 w-96 max-w-[calc(100vw-2rem)] animate-rise rounded-md border border-line bg-raised shadow-float sm:bottom-4"
    >
      <p role="status" className="border-b border-line px-4 py-2 font-medium">
        {going ? `Sending ${count(going, "file")}` : `${count(failed, "file")} could not be sent`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <ul className="max-h-64 divide-y divide-line overflow-y-auto" tabIndex={0} aria-label="Files">
        {sending.map((item) => (
          <Row key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Row({ item }: { item: Sending }) {
  return (
    <li className="flex items-center gap-2 py-2 pr-2 pl-4">
      <div className="min-w-0 flex-1">
        <p className="truncate">{item.name}</p>
        {item.state === "failed" ? (
          <p className="text-bad">{item.reason}</p>
        ) : (
          <>
            <p className="mb-1 text-xs text-ink-3 tabular">
              {item.state === "waiting"
                ? "Waiting"
                : `${bytes(Math.min(item.sent, item.size))} of ${bytes(item.size)}`}
            </p>
            <Progress value={item.size ? item.sent / item.size : null} label={`Sending ${item.name}`} />
          </>
        )}
      </div>
      {item.state === "failed" && (
        <IconButton label={`Send ${item.name} again`} onClick={() => tryAgain(item.id)}>
          <RotateCw size={16} aria-hidden />
        </IconButton>
      )}
      <IconButton
        label={item.state === "failed" ? `Drop ${item.name} from the list` : `Stop sending ${item.name}`}
        onClick={() => remove(item.id)}
      >
        <X size={16} aria-hidden />
      </IconButton>
    </li>
  );
}
