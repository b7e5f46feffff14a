import { type FormEvent, useState } from "react";
import { useCan, useMe } from "@/api/account";
import { messageFor } from "@/api/problem";
import { useChangeSettings } from "@/api/settings";
import type { Creator } from "@/api/types";
import { after } from "@/lib/after";
import { timeZones } from "@/lib/time";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, SelectField, TextArea, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { useTitle } from "@/ui/page";
import { notify } from "@/ui/toast";

const SHOWN = [
  "/name",
  "/voice",
  "/no_answer_message",
  "/time_zone",
  "/quiet_hours",
  "/quiet_hours/start",
  "/quiet_hours/end",
  "/daily_cap",
];
const CAP = { least: 1, most: 20 };

export function VoicePage() {
  useTitle("Voice and hours");
  const { creator } = useMe();
  const mayEdit = useCan("settings");
  return <VoiceForm key={creator.version} creator={creator} mayEdit={mayEdit} />;
}

function VoiceForm({ creator, mayEdit }: { creator: Creator; mayEdit: boolean }) {
  const [form, setForm] = useState({ ...creator.settings, name: creator.name });
  const change = useChangeSettings(creator);
  const { error } = change;
  const quiet = form.quiet_hours;
  function submit(event: FormEvent) {
    event.preventDefault();
    after(change.mutateAsync(form), () =>
      notify("Saved. It holds from the next answer and the next check-in on."),
    );
  }
  return (
    <form onSubmit={submit} className="max-w-160">
      <fieldset disabled={!mayEdit} className="flex flex-col gap-5">
        <TextField
          label="Name of your practice"
          required
          value={form.name}
          error={messageFor(error, "/name")}
          onChange={(event) => setForm({ ...form, name: event.target.value })}
        />
        <TextArea
          label="Your voice"
          hint="How you talk: warm or brisk, short or long, words you use and words you never would. Used when a model writes the answers."
          rows={5}
          value={form.voice}
          error={messageFor(error, "/voice")}
          onChange={(event) => setForm({ ...form, voice: event.target.value })}
        />
        <TextArea
          label="No-answer message"
          hint="What a client hears when your material does not cover the question."
          rows={3}
          required
          value={form.no_answer_message}
          error={messageFor(error, "/no_answer_message")}
          onChange={(event) => setForm({ ...form, no_answer_message: event.target.value })}
        />
        <fieldset>
          <legend className="mb-1 text-sm font-medium">Quiet hours</legend>
          <div className="flex items-end gap-3">
            <TextField
              label="From"
              type="time"
              required
              value={quiet.start}
              error={messageFor(error, "/quiet_hours/start")}
              onChange={(event) => setForm({ ...form, quiet_hours: { ...quiet, start: event.target.value } })}
            />
            <TextField
              label="To"
              type="time"
              required
              value={quiet.end}
              error={messageFor(error, "/quiet_hours/end")}
              onChange={(event) => setForm({ ...form, quiet_hours: { ...quiet, end: event.target.value } })}
            />
          </div>
          <p className="mt-1 text-ink-3">
            In these hours, by each client's own clock, nothing is sent first.
          </p>
        </fieldset>
        <TextField
          label="Daily cap"
          hint="At most so many check-ins a day to one client."
          type="number"
          min={CAP.least}
          max={CAP.most}
          required
          className="max-w-24"
          value={form.daily_cap}
          error={messageFor(error, "/daily_cap")}
          onChange={(event) => setForm({ ...form, daily_cap: event.target.valueAsNumber || CAP.least })}
        />
        <SelectField
          label="Your time zone"
          hint="Used for a client whose own is not known."
          value={form.time_zone}
          error={messageFor(error, "/time_zone")}
          onChange={(event) => setForm({ ...form, time_zone: event.target.value })}
          options={zoneOptions(form.time_zone)}
        />
        <FormErrors messages={formMessages(error, SHOWN)} />
      </fieldset>
      {mayEdit ? (
        <Actions>
          <Button type="submit" variant="primary" busy={change.isPending && "Saving"}>
            Save the settings
          </Button>
        </Actions>
      ) : (
        <p className="mt-5 text-ink-3">Admins of your team can change these.</p>
      )}
    </form>
  );
}

function zoneOptions(current: string): (readonly [string, string])[] {
  const zones = timeZones();
  return [...new Set([current, ...zones])].map((zone) => [zone, zone.replaceAll("_", " ")] as const);
}
