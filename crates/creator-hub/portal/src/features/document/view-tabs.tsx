import { cx } from "@/lib/cx";

type View = "text" | "original";

const VIEWS: readonly (readonly [View, string])[] = [
  ["text", "Text"],
  ["original", "Original"],
];

/** On a narrow window only one of the two fits. */
export function ViewTabs({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  return (
    <fieldset aria-label="What to show" className="flex rounded-md border border-edge/70 p-0.5 lg:hidden">
      {VIEWS.map(([value, name]) => (
        <button
          key={value}
          type="button"
          aria-pressed={view === value}
          onClick={() => onChange(value)}
          className={cx(
            "h-8 rounded-sm px-3 pointer-coarse:h-10",
            view === value ? "bg-hover font-medium" : "text-ink-2",
          )}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
