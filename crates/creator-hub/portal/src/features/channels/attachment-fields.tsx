import type { AttachmentKind, WidgetSettings } from "@/api/types";
import { Field } from "@/ui/field";
import { Switch } from "@/ui/switch";

type Sendable = Pick<WidgetSettings, "attachments_offered" | "attachment_kinds">;

interface AttachmentFieldsProps {
  value: Sendable;
  mayEdit: boolean;
  error: (field: keyof Sendable) => string | undefined;
  onChange: (part: Partial<Sendable>) => void;
}

const KINDS: readonly (readonly [AttachmentKind, string])[] = [
  ["image", "Pictures (JPEG, PNG, WebP, GIF)"],
  ["pdf", "PDF"],
  ["text", "Plain text"],
  ["audio", "Recordings"],
];

/** Whether visitors may send files, and which. */
export function AttachmentFields({ value, mayEdit, error, onChange }: AttachmentFieldsProps) {
  const { attachments_offered: offered, attachment_kinds: chosen } = value;
  const problem = error("attachment_kinds");
  return (
    <div>
      <Field
        label="Take files"
        hint="Visitors may send up to three with a message, 10 MB each. Coxswain says that it can't look inside; you can, in the inbox."
      >
        {({ id }) => (
          <Switch
            id={id}
            label="Take files"
            disabled={!mayEdit}
            checked={offered}
            onChange={(attachments_offered) => onChange({ attachments_offered })}
          />
        )}
      </Field>
      {offered && (
        <fieldset className="mt-2">
          <legend className="sr-only">Kinds of file</legend>
          {KINDS.map(([kind, words]) => (
            <label key={kind} className="flex min-h-8 items-center gap-2.5 pointer-coarse:min-h-11">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={chosen.includes(kind)}
                onChange={({ target }) =>
                  onChange({
                    attachment_kinds: target.checked
                      ? [...chosen, kind]
                      : chosen.filter((other) => other !== kind),
                  })
                }
              />
              {words}
            </label>
          ))}
          {problem && <p className="mt-1 text-bad">{problem}</p>}
        </fieldset>
      )}
    </div>
  );
}
