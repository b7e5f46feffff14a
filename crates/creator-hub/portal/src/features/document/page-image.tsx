import { useState } from "react";
import { renewSession } from "@/api/session";
import { cx } from "@/lib/cx";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/states";

interface PageImageProps {
  documentId: string;
  versionId: string;
  page: number;
  /** Pixels across; the server draws it at that width. */
  width?: number;
  className?: string;
}

/** A page of the original PDF as the server draws it. Key it by page, so that each starts afresh. */
export function PageImage({ documentId, versionId, page, width = 1_200, className }: PageImageProps) {
  const [state, setState] = useState<"reading" | "shown" | "failed">("reading");
  const [attempt, setAttempt] = useState(0);
  const query = new URLSearchParams({ version_id: versionId, width: String(width) });

  async function failed() {
    // An image request cannot renew the session by itself; it is tried once more after renewing.
    if (attempt === 0 && (await renewSession())) setAttempt(1);
    else setState("failed");
  }
  if (state === "failed") {
    return (
      <div
        role="alert"
        className={cx(
          "flex flex-col items-start gap-3 rounded-md border border-line bg-sunken p-5",
          className,
        )}
      >
        <p className="text-ink-2">The picture of page {page} could not be drawn. Its text is not affected.</p>
        <Button
          small
          onClick={() => {
            setState("reading");
            setAttempt(attempt + 1);
          }}
        >
          Try again
        </Button>
      </div>
    );
  }
  return (
    <div className={cx("relative", className)}>
      {state === "reading" && <Skeleton className="aspect-[1/1.35] w-full" />}
      <img
        key={attempt}
        src={`/api/v1/documents/${documentId}/pages/${page}.png?${query}`}
        alt={`Page ${page} of the original`}
        onLoad={() => setState("shown")}
        onError={failed}
        className={cx(
          "w-full rounded-sm border border-line",
          state === "reading" && "absolute inset-0 opacity-0",
        )}
      />
    </div>
  );
}
