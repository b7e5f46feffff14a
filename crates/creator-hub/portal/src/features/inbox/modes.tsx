import { cx } from "@/lib/cx";

export type Mode = "reply" | "note";

const MODES = [
  ["reply", "Reply"],
  ["note", "Note"],
] as const;

export function Modes({ mode, onChange }: { mode: Mode; onChange: (mode: Mode) => void }) {
  return (
    <fieldset aria-label="What you write" className="mb-1.5 flex gap-1">
      {MODES.map(([known, name]) => (
        <button
          key={known}
          type="button"
          aria-pressed={mode === known}
          onClick={() => onChange(known)}
          className={cx(
            "h-7 rounded-sm px-2 pointer-coarse:h-11 pointer-coarse:px-3",
            mode === known ? "bg-hover font-medium text-ink" : "text-ink-2 hover:text-ink",
          )}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
