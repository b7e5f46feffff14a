import { type FormEvent, useState } from "react";
import { useMe } from "@/api/account";
import type { CheckInForm as Form } from "@/api/check-ins";
import { messageFor } from "@/api/problem";
import { cx } from "@/lib/cx";
import { inWeekOrder, scheduleWords, WEEKDAYS } from "@/lib/weekdays";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, TextArea, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";

interface CheckInFormProps {
  initial: Form;
  action: string;
  busy: boolean;
  error: unknown;
  mayEdit: boolean;
  onSave: (form: Form) => void;
  onCancel: () => void;
}

const LONGEST = 1_000;
const SHOWN = ["/text", "/weekdays", "/local_time"];

export function CheckInForm({ initial, action, busy, error, mayEdit, onSave, onCancel }: CheckInFormProps) {
  const [form, setForm] = useState(initial);
  const { quiet_hours: quiet } = useMe().creator.settings;
  const inQuiet = within(form.local_time, quiet.start, quiet.end);
  function submit(event: FormEvent) {
    event.preventDefault();
    onSave({ ...form, text: form.text.trim() });
  }
  return (
    <form onSubmit={submit}>
      <fieldset disabled={!mayEdit} className="flex flex-col gap-5">
        <TextArea
          label="What you say"
          hint="As you would write it to one person. They can answer it in the widget."
          required
          maxLength={LONGEST}
          rows={4}
          className="quoted text-base"
          value={form.text}
          error={messageFor(error, "/text")}
          onChange={(event) => setForm({ ...form, text: event.target.value })}
        />
        <Days form={form} onChange={setForm} error={messageFor(error, "/weekdays")} />
        <TextField
          label="At"
          type="time"
          required
          className="max-w-36"
          value={form.local_time}
          error={messageFor(error, "/local_time")}
          hint="In each client's own time zone, summer time included."
          onChange={(event) => setForm({ ...form, local_time: event.target.value })}
        />
        {inQuiet && (
          <p className="rounded-md bg-amber-soft px-3 py-2 text-amber">
            {form.local_time} lies in your quiet hours ({quiet.start} to {quiet.end}), so it will be held
            back. Choose another time, or change the quiet hours in Settings.
          </p>
        )}
        <p className="border-t border-line pt-4 text-ink-2">
          {scheduleWords(form.weekdays, form.local_time)}, the client's time.
        </p>
        <FormErrors messages={formMessages(error, SHOWN)} />
      </fieldset>
      {mayEdit && (
        <Actions>
          <Button onClick={onCancel}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={!form.weekdays.length || !form.text.trim()}
            busy={busy && "Saving"}
          >
            {action}
          </Button>
        </Actions>
      )}
    </form>
  );
}

function Days({
  form,
  onChange,
  error,
}: {
  form: Form;
  onChange: (form: Form) => void;
  error: string | undefined;
}) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">On</legend>
      <div className="grid max-w-112 grid-cols-7 gap-1 sm:gap-1.5">
        {WEEKDAYS.map(([day, short, long]) => {
          const on = form.weekdays.includes(day);
          return (
            <label
              key={day}
              className={cx(
                "flex h-9 cursor-pointer items-center justify-center rounded-md border transition-colors duration-150 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent pointer-coarse:h-11",
                on
                  ? "border-accent bg-accent-soft font-medium text-accent"
                  : "border-edge text-ink-2 hover:bg-hover",
              )}
            >
              <input
                type="checkbox"
                className="sr-only"
                aria-label={long}
                checked={on}
                onChange={() =>
                  onChange({
                    ...form,
                    weekdays: inWeekOrder(
                      on ? form.weekdays.filter((known) => known !== day) : [...form.weekdays, day],
                    ),
                  })
                }
              />
              {short}
            </label>
          );
        })}
      </div>
      {error && <p className="mt-1 text-bad">{error}</p>}
    </fieldset>
  );
}

/** Whether "HH:MM" lies from `start` (included) to `end` (not), which may pass midnight. */
function within(time: string, start: string, end: string): boolean {
  if (!time || start === end) return false;
  return start < end ? time >= start && time < end : time >= start || time < end;
}
