import { useId } from "react";

interface ChoiceProps<T extends string> {
  legend: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly (readonly [value: T, label: string, hint: string])[];
}

/** One of a few, each with a sentence of its own. */
export function Choice<T extends string>({ legend, value, onChange, options }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      {options.map(([option, label, hint]) => (
        <label key={option} className="flex min-h-11 items-start gap-2.5 py-1">
          <input
            type="radio"
            name={name}
            className="mt-0.5 size-4 shrink-0 accent-accent"
            checked={option === value}
            onChange={() => onChange(option)}
          />
          <span>
            {label}
            <span className="block text-ink-3">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
