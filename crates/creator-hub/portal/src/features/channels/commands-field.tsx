import { Plus, X } from "lucide-react";
import type { ConnectionSettings } from "@/api/types";
import { Button, IconButton } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";

type Command = ConnectionSettings["commands"][number];

interface CommandsFieldProps {
  commands: readonly Command[];
  error: string | undefined;
  onChange: (commands: Command[]) => void;
}

/** Commands of the creator's own, each with the words it answers. */
export function CommandsField({ commands, error, onChange }: CommandsFieldProps) {
  const set = (index: number, part: Partial<Command>) =>
    onChange(commands.map((known, at) => (at === index ? { ...known, ...part } : known)));
  return (
    <fieldset>
      <legend className="text-sm font-medium">
        Commands <span className="ml-1 font-normal text-ink-3">optional</span>
      </legend>
      <p className="mb-2 text-ink-3">
        Beside /start, /stop and /human, which every bot has. They appear in Telegram's menu.
      </p>
      <div className="flex flex-col gap-3">
        {commands.map((command, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
          <div key={index} className="flex items-start gap-2 rounded-md border border-line p-3">
            <div className="grid min-w-0 flex-1 gap-3 sm:grid-cols-[10rem_minmax(0,1fr)]">
              <TextField
                label="Command"
                placeholder="prices"
                maxLength={32}
                spellCheck={false}
                value={command.name}
                onChange={({ target }) => set(index, { name: target.value.replace(/^\//, "") })}
              />
              <TextArea
                label="Answers"
                rows={2}
                maxLength={4_000}
                value={command.text}
                onChange={({ target }) => set(index, { text: target.value })}
              />
            </div>
            <IconButton
              label={`Remove ${command.name ? `/${command.name}` : `command ${index + 1}`}`}
              onClick={() => onChange(commands.filter((_, at) => at !== index))}
            >
              <X size={16} aria-hidden />
            </IconButton>
          </div>
        ))}
        <Button small className="self-start" onClick={() => onChange([...commands, { name: "", text: "" }])}>
          <Plus size={16} aria-hidden />
          Add a command
        </Button>
      </div>
      {error && <p className="mt-1 text-bad">{error}</p>}
    </fieldset>
  );
}
