import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import { format } from "@/lib/count";
import { IconButton } from "@/ui/button";

export function Pager({ page, total, onGo }: { page: number; total: number; onGo: (page: number) => void }) {
  const [typed, setTyped] = useState(String(page));
  useEffect(() => setTyped(String(page)), [page]);
  return (
    <form
      className="flex items-center gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = Number(typed);
        if (Number.isInteger(wanted) && wanted >= 1 && wanted <= total) onGo(wanted);
        else setTyped(String(page));
      }}
    >
      <IconButton label="Previous page" disabled={page <= 1} onClick={() => onGo(page - 1)}>
        <ChevronLeft size={18} aria-hidden />
      </IconButton>
      <label className="flex items-center gap-2 text-ink-2 tabular">
        Page
        <input
          inputMode="numeric"
          className="h-8 w-14 rounded-md border border-edge bg-raised px-2 text-center text-ink"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        of {format(total)}
      </label>
      <IconButton label="Next page" disabled={page >= total} onClick={() => onGo(page + 1)}>
        <ChevronRight size={18} aria-hidden />
      </IconButton>
    </form>
  );
}
