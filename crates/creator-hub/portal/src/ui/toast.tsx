import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useSyncExternalStore } from "react";
import { IconButton } from "./button";

interface Notice {
  id: number;
  text: string;
  tone: "plain" | "bad";
  undo?: () => void;
}

let notices: readonly Notice[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: readonly Notice[]) {
  notices = next;
  for (const listener of listeners) listener();
}

/** Says what has just happened; `undo` puts it back. At most three are shown. */
export function notify(text: string, options: { undo?: () => void; tone?: "plain" | "bad" } = {}): void {
  change([...notices.slice(-2), { id: nextId++, text, tone: options.tone ?? "plain", undo: options.undo }]);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const dismiss = (id: number) => change(notices.filter((notice) => notice.id !== id));

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => notices);
  return (
    <Toast.Provider swipeDirection="right" label="Notice">
      {shown.map((notice) => (
        <Toast.Root
          key={notice.id}
          duration={notice.undo ? 10_000 : 6_000}
          onOpenChange={(open) => !open && dismiss(notice.id)}
          className="flex animate-rise items-center gap-3 rounded-md border border-line bg-ink py-1.5 pr-1.5 pl-4 text-paper shadow-float"
        >
          <Toast.Description className="min-w-0 flex-1 py-1 text-sm break-words">
            {notice.text}
          </Toast.Description>
          {notice.undo && (
            <Toast.Action
              altText="Undo what was just done"
              onClick={notice.undo}
              className="h-8 rounded-md border border-paper/50 px-3 font-medium hover:bg-paper/15"
            >
              Undo
            </Toast.Action>
          )}
          <Toast.Close asChild>
            <IconButton label="Dismiss" className="text-paper hover:bg-paper/15 hover:text-paper">
              <X size={16} aria-hidden />
            </IconButton>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed bottom-18 left-1/2 z-60 flex w-112 max-w-[calc(100vw-2rem)] -translate-x-1/2 flex-col gap-2 sm:bottom-4" />
    </Toast.Provider>
  );
}
