import { type FormEvent, useState } from "react";
import { useChangeMessenger } from "@/api/messengers";
import { messageFor } from "@/api/problem";
import type { Channel, ConnectionSettings } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, TextArea, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";
import { CommandsField } from "./commands-field";
import { Way } from "./connect-telegram";
import { NudgeTemplate } from "./nudge-template";

const SHOWN = [
  "/name",
  "/settings/greeting",
  "/settings/commands",
  "/settings/webhook",
  "/settings/nudge_template",
  "/settings/portfolio",
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
    const { webhook, greeting, commands, nudge_template, portfolio } = settings;
    const telegram = channel.kind === "telegram";
    after(
      change.mutateAsync({
        name: name.trim(),
        settings: telegram
          ? { webhook, greeting, commands: commands.filter((command) => command.name || command.text) }
          : { greeting, nudge_template, portfolio },
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
        <KindFields channel={channel} settings={settings} error={error} onChange={set} />
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

interface KindFieldsProps {
  channel: Channel;
  settings: ConnectionSettings;
  error: (field: string) => string | undefined;
  onChange: (part: Partial<ConnectionSettings>) => void;
}

/** What only this kind of messenger has. */
function KindFields({ channel, settings, error, onChange }: KindFieldsProps) {
  if (channel.kind !== "telegram") {
    return (
      <>
        <NudgeTemplate
          id={channel.id}
          chosen={settings.nudge_template}
          error={error("nudge_template")}
          onChange={(nudge_template) => onChange({ nudge_template })}
        />
        <TextField
          label="Portfolio at Meta"
          optional
          hint="Its id, where several of your business accounts share one limit. Empty: this account is counted alone."
          inputMode="numeric"
          maxLength={40}
          value={settings.portfolio ?? ""}
          error={error("portfolio")}
          onChange={({ target }) => onChange({ portfolio: target.value.trim() || null })}
        />
      </>
    );
  }
  return (
    <>
      <CommandsField
        commands={settings.commands}
        error={error("commands")}
        onChange={(commands) => onChange({ commands })}
      />
      <Way webhook={settings.webhook} onChange={(webhook) => onChange({ webhook })} />
      {error("webhook") && <p className="text-bad">{error("webhook")}</p>}
    </>
  );
}
