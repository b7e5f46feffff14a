import { Field } from "@/ui/field";

interface AccentFieldProps {
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

export function AccentField({ value, error, onChange }: AccentFieldProps) {
  return (
    <Field
      label="Accent colour"
      hint="For the button and your visitor's own messages. Text on it stays readable whatever you choose."
      error={error}
    >
      {(wiring) => (
        <div className="flex items-center gap-2">
          <input
            type="color"
            aria-label="Pick the accent colour"
            value={/^#[0-9a-f]{6}$/i.test(value) ? value : "#000000"}
            onChange={(event) => onChange(event.target.value)}
            className="h-9 w-12 cursor-pointer rounded-md border border-edge bg-raised p-1"
          />
          <input
            {...wiring}
            value={value}
            spellCheck={false}
            maxLength={7}
            onChange={(event) => onChange(event.target.value)}
            className="h-9 w-28 rounded-md border border-edge bg-raised px-3 font-mono text-sm aria-invalid:border-bad"
          />
        </div>
      )}
    </Field>
  );
}
