import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useConnect, type WhatsappForm } from "@/api/messengers";
import { messageFor } from "@/api/problem";
import { after } from "@/lib/after";
import { Button, OutLink } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";

const FIELDS = [
  {
    name: "phone_number_id",
    label: "Phone number ID",
    hint: "In your app at Meta: WhatsApp, API setup, under the number. Not the number itself.",
    secret: false,
  },
  {
    name: "business_account_id",
    label: "WhatsApp Business Account ID",
    hint: "On the same page, beside the phone number ID.",
    secret: false,
  },
  {
    name: "access_token",
    label: "Permanent access token",
    hint: "In Business settings: System users, Generate token, with whatsapp_business_messaging and whatsapp_business_management. The token on the API setup page ends after a day.",
    secret: true,
  },
] as const satisfies readonly { name: keyof WhatsappForm; label: string; hint: string; secret: boolean }[];

/** A number on the Cloud API, with where to find what is asked for. */
export function ConnectWhatsapp({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState<WhatsappForm>({
    phone_number_id: "",
    business_account_id: "",
    access_token: "",
  });
  const connect = useConnect();
  const router = useRouter();
  function submit(event: FormEvent) {
    event.preventDefault();
    const { phone_number_id, business_account_id, access_token } = form;
    const trimmed = {
      phone_number_id: phone_number_id.trim(),
      business_account_id: business_account_id.trim(),
      access_token: access_token.trim(),
    };
    after(connect.mutateAsync({ kind: "whatsapp", ...trimmed }), ({ id, connection }) => {
      notify(`${connection?.handle ?? "The number"} is connected.`);
      onClose();
      void router.navigate({ to: "/channels/$id", params: { id } });
    });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <p className="text-ink-2">
        You need an app at{" "}
        <OutLink href="https://developers.facebook.com/apps">developers.facebook.com</OutLink> with WhatsApp
        added, and a number in it. Meta lets a business answer its own clients this way; an assistant for
        everything and everybody is against its terms.
      </p>
      {FIELDS.map(({ name, label, hint, secret }) => (
        <TextField
          key={name}
          label={label}
          hint={hint}
          required
          autoComplete="off"
          spellCheck={false}
          inputMode={secret ? undefined : "numeric"}
          className="font-mono"
          value={form[name]}
          error={messageFor(connect.error, `/${name}`)}
          onChange={({ target }) => setForm((before) => ({ ...before, [name]: target.value }))}
        />
      ))}
      <FormErrors
        messages={formMessages(
          connect.error,
          FIELDS.map(({ name }) => `/${name}`),
        )}
      />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={connect.isPending && "Asking Meta"}>
          Connect this number
        </Button>
      </Actions>
    </form>
  );
}
