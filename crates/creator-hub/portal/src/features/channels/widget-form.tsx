import { type FormEvent, useState } from "react";
import { useChangeChannel } from "@/api/channels";
import { useBases } from "@/api/knowledge";
import { messageFor } from "@/api/problem";
import type { ChannelAccount, WidgetSettings } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { Field, FormErrors, SelectField, TextArea, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { Switch } from "@/ui/switch";
import { notify } from "@/ui/toast";
import { AccentField } from "./accent-field";
import { AttachmentFields } from "./attachment-fields";
import { IdentityFields } from "./identity-fields";
import { ListField } from "./list-field";
import { Preview } from "./preview";

const MOST_QUESTIONS = 3;

const LOCALES = [
  ["auto", "The visitor's language"],
  ["en", "English"],
  ["de", "German"],
  ["es", "Spanish"],
  ["fr", "French"],
  ["pt", "Portuguese"],
  ["ar", "Arabic"],
  ["he", "Hebrew"],
] as const;

export function WidgetForm({ account, mayEdit }: { account: ChannelAccount; mayEdit: boolean }) {
  const [form, setForm] = useState<WidgetSettings>(account.settings);
  const [name, setName] = useState(account.name);
  const change = useChangeChannel(account);
  const bases = useBases();
  const set = (part: Partial<WidgetSettings>) => setForm((before) => ({ ...before, ...part }));
  const error = (field: keyof WidgetSettings) => messageFor(change.error, `/settings/${field}`);
  function submit(event: FormEvent) {
    event.preventDefault();
    const settings = {
      ...form,
      allowed_origins: form.allowed_origins.map((origin) => origin.trim()).filter(Boolean),
      questions: form.questions.map((question) => question.trim()).filter(Boolean),
    };
    after(change.mutateAsync({ name: name.trim(), settings }), (saved) => {
      setForm(saved.settings);
      notify("Saved. Visitors see it when they next open the widget.");
    });
  }
  return (
    <div className="grid items-start gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_25rem]">
      <form onSubmit={submit} className="max-w-160">
        <fieldset disabled={!mayEdit} className="flex flex-col gap-5">
          <ListField
            label="Sites that may show it"
            hint="The address of each site, such as https://www.example.org. Elsewhere the widget stays away."
            addLabel="Add a site"
            type="url"
            placeholder="https://"
            values={form.allowed_origins}
            error={error("allowed_origins")}
            onChange={(allowed_origins) => set({ allowed_origins })}
          />
          <TextField
            label="Coach's name"
            optional
            hint="Shown at the top of the window. Empty: the name of your practice."
            value={form.coach_name}
            error={error("coach_name")}
            onChange={(event) => set({ coach_name: event.target.value })}
          />
          <TextArea
            label="Greeting"
            hint="The first thing a visitor reads, in your own voice."
            rows={3}
            value={form.greeting}
            error={error("greeting")}
            onChange={(event) => set({ greeting: event.target.value })}
          />
          <ListField
            label="Questions to begin with"
            hint="Up to three that people really ask."
            addLabel="Add a question"
            most={MOST_QUESTIONS}
            values={form.questions}
            error={error("questions")}
            onChange={(questions) => set({ questions })}
          />
          <AccentField value={form.accent} error={error("accent")} onChange={(accent) => set({ accent })} />
          <div className="grid gap-5 sm:grid-cols-2">
            <SelectField
              label="Side of the page"
              value={form.position}
              error={error("position")}
              onChange={(event) => set({ position: event.target.value as WidgetSettings["position"] })}
              options={[
                ["right", "Right"],
                ["left", "Left"],
              ]}
            />
            <SelectField
              label="Theme"
              value={form.theme}
              error={error("theme")}
              onChange={(event) => set({ theme: event.target.value as WidgetSettings["theme"] })}
              options={[
                ["auto", "As the visitor's system"],
                ["light", "Light"],
                ["dark", "Dark"],
              ]}
            />
            <SelectField
              label="Language of its buttons"
              value={form.locale}
              error={error("locale")}
              onChange={(event) => set({ locale: event.target.value })}
              options={localeOptions(form.locale)}
            />
            <TextField
              label="Picture"
              optional
              type="url"
              placeholder="https://"
              value={form.picture_url ?? ""}
              error={error("picture_url")}
              onChange={(event) => set({ picture_url: event.target.value || null })}
            />
          </div>
          {(bases.data?.length ?? 0) > 0 && (
            <fieldset>
              <legend className="mb-1 text-sm font-medium">Answers from</legend>
              <div className="flex flex-col">
                {bases.data?.map((base) => (
                  <label key={base.id} className="flex min-h-8 items-center gap-2.5 pointer-coarse:min-h-11">
                    <input
                      type="checkbox"
                      className="size-4 accent-accent"
                      checked={form.knowledge_base_ids.includes(base.id)}
                      onChange={(event) =>
                        set({
                          knowledge_base_ids: event.target.checked
                            ? [...form.knowledge_base_ids, base.id]
                            : form.knowledge_base_ids.filter((id) => id !== base.id),
                        })
                      }
                    />
                    <span className="min-w-0 break-words">{base.name}</span>
                  </label>
                ))}
              </div>
              <p className="mt-1 text-ink-3">
                {form.knowledge_base_ids.length
                  ? "Only from the ones ticked."
                  : "None ticked: from all of them."}
              </p>
              {error("knowledge_base_ids") && <p className="mt-1 text-bad">{error("knowledge_base_ids")}</p>}
            </fieldset>
          )}
          <Field
            label="Offer check-ins"
            hint="Visitors may agree to hear from you first, and stop at any time."
          >
            {({ id }) => (
              <Switch
                id={id}
                label="Offer check-ins"
                disabled={!mayEdit}
                checked={form.check_ins_offered}
                onChange={(check_ins_offered) => set({ check_ins_offered })}
              />
            )}
          </Field>
          <AttachmentFields value={form} mayEdit={mayEdit} error={error} onChange={set} />
          <IdentityFields widget={account.id} value={form} error={error} onChange={set} />
          <TextField
            label="Name of this widget"
            hint="Only your team sees it."
            required
            value={name}
            error={messageFor(change.error, "/name")}
            onChange={(event) => setName(event.target.value)}
          />
          <FormErrors messages={formMessages(change.error, SHOWN)} />
        </fieldset>
        {mayEdit && (
          <Actions>
            <Button type="submit" variant="primary" busy={change.isPending && "Saving"}>
              Save the widget
            </Button>
          </Actions>
        )}
      </form>
      <Preview
        account={account}
        form={form}
        dirty={JSON.stringify(form) !== JSON.stringify(account.settings)}
      />
    </div>
  );
}

const SHOWN = [
  "/name",
  ...[
    "allowed_origins",
    "greeting",
    "questions",
    "accent",
    "position",
    "theme",
    "locale",
    "coach_name",
    "picture_url",
    "knowledge_base_ids",
    "attachment_kinds",
    "identity",
    "identity_public_key",
  ].map((field) => `/settings/${field}`),
];

/** A locale set through the API that the portal has no name for stays choosable. */
function localeOptions(current: string): readonly (readonly [string, string])[] {
  return LOCALES.some(([code]) => code === current) ? LOCALES : [...LOCALES, [current, current]];
}
