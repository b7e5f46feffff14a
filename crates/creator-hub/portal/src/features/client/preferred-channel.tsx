import { useCan } from "@/api/account";
import { usePreferChannel } from "@/api/clients";
import type { ClientDetail } from "@/api/types";
import { after } from "@/lib/after";
import { channelName } from "@/ui/channel";
import { SelectField } from "@/ui/field";
import { notifyFailure } from "@/ui/notify-failure";
import { notify } from "@/ui/toast";

/** Where a check-in goes when the client is known on several channels. */
export function PreferredChannel({ client }: { client: ClientDetail }) {
  const mayAnswer = useCan("answer");
  const prefer = usePreferChannel(client);
  const current = client.preferred_account_id ?? "";
  const chosen = prefer.isPending ? (prefer.variables ?? "") : current;
  function choose(account: string) {
    after(
      prefer.mutateAsync(account || null),
      () =>
        notify("Changed. The next check-in goes there.", {
          undo: () => after(prefer.mutateAsync(current || null), () => {}, notifyFailure),
        }),
      notifyFailure,
    );
  }
  return (
    <SelectField
      label="Reach them first on"
      hint="Replies always go where the client wrote."
      disabled={!mayAnswer || prefer.isPending}
      value={chosen}
      onChange={({ target }) => choose(target.value)}
      options={[
        ["", "Where they last wrote"],
        ...client.identities.map(
          ({ channel: { id, kind, name } }) => [id, `${channelName(kind)}: ${name}`] as const,
        ),
      ]}
    />
  );
}
