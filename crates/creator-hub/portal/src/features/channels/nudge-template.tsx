import { useTemplates } from "@/api/messengers";
import type { ConnectionSettings, Template } from "@/api/types";
import { SelectField } from "@/ui/field";

type Chosen = ConnectionSettings["nudge_template"];

interface NudgeTemplateProps {
  id: string;
  chosen: Chosen;
  error: string | undefined;
  onChange: (template: Chosen) => void;
}

/** A check-in's text goes into the only place of the template, so it must have exactly one. */
export const fitsCheckIns = ({ state, parameters }: Pick<Template, "state" | "parameters">): boolean =>
  state.toLowerCase() === "approved" && parameters === 1;

/** Which template carries a check-in when free words are not taken. */
export function NudgeTemplate({ id, chosen, error, onChange }: NudgeTemplateProps) {
  const templates = useTemplates(id);
  const fitting = (templates.data ?? []).filter(fitsCheckIns);
  const key = (template: NonNullable<Chosen>) => `${template.name} ${template.language}`;
  const gone = chosen && !fitting.some((template) => key(template) === key(chosen));
  return (
    <SelectField
      label="Template for check-ins"
      hint="WhatsApp takes free words for 24 hours after a client wrote. Later a check-in travels in this template, as its one parameter. Without one it is held back."
      error={error}
      value={chosen ? key(chosen) : ""}
      onChange={({ target }) => {
        const found = fitting.find((template) => key(template) === target.value);
        onChange(found ? { name: found.name, language: found.language } : null);
      }}
      options={[
        ["", "None: hold check-ins back outside the 24 hours"],
        ...fitting.map((template) => [key(template), `${template.name} (${template.language})`] as const),
        ...(gone ? [[key(chosen), `${chosen.name} (${chosen.language}), not approved now`] as const] : []),
      ]}
    />
  );
}
