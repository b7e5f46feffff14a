import { Plus, X } from "lucide-react";
import { Button, IconButton } from "@/ui/button";

interface ListFieldProps {
  label: string;
  hint: string;
  addLabel: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  error?: string | undefined;
  type?: "text" | "url";
  placeholder?: string;
  most?: number;
}

/** A few short texts, one a line. */
export function ListField({
  label,
  hint,
  addLabel,
  values,
  onChange,
  error,
  type = "text",
  placeholder,
  most = 50,
}: ListFieldProps) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{label}</legend>
      <div className="flex flex-col gap-2">
        {values.map((value, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
          <div key={index} className="flex items-center gap-1">
            <input
              type={type}
              aria-label={`${label}, ${index + 1}`}
              aria-invalid={error ? true : undefined}
              placeholder={placeholder}
              value={value}
              onChange={(event) =>
                onChange(values.map((known, at) => (at === index ? event.target.value : known)))
              }
              className="h-9 w-full rounded-md border border-edge bg-raised px-3 text-sm aria-invalid:border-bad disabled:bg-sunken pointer-coarse:h-11 pointer-coarse:text-base"
            />
            <IconButton
              label={`Remove ${value || `line ${index + 1}`}`}
              onClick={() => onChange(values.filter((_, at) => at !== index))}
            >
              <X size={16} aria-hidden />
            </IconButton>
          </div>
        ))}
        {values.length < most && (
          <Button small className="self-start" onClick={() => onChange([...values, ""])}>
            <Plus size={16} aria-hidden />
            {addLabel}
          </Button>
        )}
      </div>
      {error && <p className="mt-1 text-bad">{error}</p>}
      <p className="mt-1 text-ink-3">{hint}</p>
    </fieldset>
  );
}
