import { type FormEvent, useState } from "react";
import { useChangeMessenger, useTemplates } from "@/api/messengers";
import { messageFor } from "@/api/problem";
import type { Channel, ConnectionSettings, Template } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, SelectField, TextArea, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";
import { CommandsField } from "./commands-field";
import { Way } from "./connect-telegram";

const SHOWN = [
  "/name",
  "/settings/greeting",
  "/settings/commands",
  "/settings/webhook",
  "/settings/nudge_template",
];

/** What the creator decides about a bot or a number. */
export function MessengerForm({ channel, mayEdit }: { channel: Channel; mayEdit: boolean }) {
  const [name, setName] = useState(channel.name);
  const [settings, setSettings] = useState<ConnectionSettings | undefined>(channel.connection?.settings);
  const change = useChangeMessenger(channel);
  const set = (part: Partial<ConnectionSettings>) =>
    setSettings((before) => before && { ...before, ...part });
  const error = (field: string) => messageFor(change.error, `/settings/${field}`);
  if (!settings) return null;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!settings) return;
    const { webhook, greeting, commands, nudge_template } = settings;
    const telegram = channel.kind === "telegram";
    after(
      change.mutateAsync({
        name: name.trim(),
        settings: telegram
          ? { webhook, greeting, commands: commands.filter((command) => command.name || command.text) }
          : { greeting, nudge_template },
      }),
      (saved) => {
        setSettings(saved.connection?.settings);
        notify("Saved. It holds from the next message on.");
      },
    );
  }
  return (
    <form onSubmit={submit} className="max-w-160">
      <fieldset disabled={!mayEdit} className="flex flex-col gap-5">
        <TextArea
          label="First words"
          optional
          hint="What a person reads when they open the chat for the first time. Empty: the usual words."
          rows={3}
          maxLength={1_000}
          value={settings.greeting}
          error={error("greeting")}
          onChange={({ target }) => set({ greeting: target.value })}
        />
        {channel.kind === "telegram" ? (
          <>
            <CommandsField
              commands={settings.commands}
              error={error("commands")}
              onChange={(commands) => set({ commands })}
            />
            <Way webhook={settings.webhook} onChange={(webhook) => set({ webhook })} />
            {error("webhook") && <p className="text-bad">{error("webhook")}</p>}
          </>
        ) : (
          <NudgeTemplate
            id={channel.id}
            chosen={settings.nudge_template}
            error={error("nudge_template")}
            onChange={(nudge_template) => set({ nudge_template })}
          />
        )}
        <TextField
          label="Name"
          hint="Only your team sees it."
          required
          maxLength={100}
          value={name}
          error={messageFor(change.error, "/name")}
          onChange={({ target }) => setName(target.value)}
        />
        <FormErrors messages={formMessages(change.error, SHOWN)} />
      </fieldset>
      {mayEdit && (
        <Actions>
          <Button type="submit" variant="primary" busy={change.isPending && "Saving"}>
            Save these settings
          </Button>
        </Actions>
      )}
    </form>
  );
}

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

function NudgeTemplate({ id, chosen, error, onChange }: NudgeTemplateProps) {
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
