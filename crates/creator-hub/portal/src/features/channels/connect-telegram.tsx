import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useConnect } from "@/api/messengers";
import { messageFor } from "@/api/problem";
import { after } from "@/lib/after";
import { Button, OutLink } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";
import { Choice } from "./choice";
import { StepsList } from "./steps-list";

/** Paste the token; it is checked with Telegram before anything is kept. */
export function ConnectTelegram({ onClose }: { onClose: () => void }) {
  const [token, setToken] = useState("");
  const [webhook, setWebhook] = useState(false);
  const connect = useConnect();
  const router = useRouter();
  function submit(event: FormEvent) {
    event.preventDefault();
    after(connect.mutateAsync({ kind: "telegram", token: token.trim(), webhook }), ({ id, connection }) => {
      notify(`@${connection?.handle.replace(/^@/, "") ?? "The bot"} is connected.`);
      onClose();
      void router.navigate({ to: "/channels/$id", params: { id } });
    });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <StepsList>
        {[
          <>
            Open <OutLink href="https://t.me/BotFather">@BotFather</OutLink> in Telegram and send it{" "}
            <code className="font-mono text-xs">/newbot</code>, or{" "}
            <code className="font-mono text-xs">/token</code> for a bot you have.
          </>,
          "Copy the token it answers with, and paste it here. We ask Telegram whose it is before we keep it.",
        ]}
      </StepsList>
      <TextField
        label="Token"
        required
        autoComplete="off"
        spellCheck={false}
        placeholder="123456789:AA…"
        className="font-mono"
        hint="Kept on your server and never shown again."
        value={token}
        error={messageFor(connect.error, "/token")}
        onChange={({ target }) => setToken(target.value)}
      />
      <Way webhook={webhook} onChange={setWebhook} />
      <FormErrors messages={formMessages(connect.error, ["/token"])} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={connect.isPending && "Asking Telegram"}>
          Connect this bot
        </Button>
      </Actions>
    </form>
  );
}

/** How what people write gets here. */
export function Way({ webhook, onChange }: { webhook: boolean; onChange: (webhook: boolean) => void }) {
  return (
    <Choice
      legend="How messages get here"
      value={webhook ? "webhook" : "poll"}
      onChange={(way) => onChange(way === "webhook")}
      options={[
        ["poll", "We fetch them", "Works everywhere, also behind a router. The usual choice."],
        ["webhook", "Telegram brings them", "Needs a public https address that leads to this server."],
      ]}
    />
  );
}
