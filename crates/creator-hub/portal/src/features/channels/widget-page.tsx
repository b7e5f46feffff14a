import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "@/api/account";
import { channelQuery, useChangeChannel, useDeleteChannel } from "@/api/channels";
import type { ChannelAccount } from "@/api/types";
import { after } from "@/lib/after";
import { ConfirmName } from "@/ui/confirm-name";
import { CodeLine } from "@/ui/copy";
import { Menu, MenuItem } from "@/ui/menu";
import { notifyFailure } from "@/ui/notify-failure";
import { Page, Section } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";
import { Switch } from "@/ui/switch";
import { notify } from "@/ui/toast";
import { BackToChannels } from "./back-to-channels";
import { WidgetForm } from "./widget-form";

export function WidgetPage() {
  const { id } = useParams({ from: "/inside/channels/$id" });
  const account = useQuery(channelQuery(id));
  if (account.data) return <Known account={account.data} />;
  return (
    <Page title="Widget" above={<BackToChannels />}>
      {account.isError ? (
        <Failure error={account.error} what="this widget" retry={() => account.refetch()} />
      ) : (
        <SkeletonRows what="the widget" />
      )}
    </Page>
  );
}

function Known({ account }: { account: ChannelAccount }) {
  const mayEdit = useCan("channels");
  return (
    <Page
      title={account.name}
      above={<BackToChannels />}
      action={mayEdit && <WidgetActions account={account} />}
    >
      <Section
        title="The line to copy"
        lead="Paste it before </body> in each page that should have the widget. It works on the sites you allow below, and nowhere else."
      >
        <CodeLine text={account.snippet} what="the line" />
      </Section>
      <Section title="How it looks and greets">
        <WidgetForm key={account.id} account={account} mayEdit={mayEdit} />
      </Section>
    </Page>
  );
}

function WidgetActions({ account }: { account: ChannelAccount }) {
  const change = useChangeChannel(account);
  const remove = useDeleteChannel(account.id);
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  function turn(enabled: boolean) {
    after(
      change.mutateAsync({ enabled }),
      () => notify(enabled ? "The widget is on." : "The widget is off: it no longer appears on your sites."),
      notifyFailure,
    );
  }
  return (
    <>
      <span className="flex items-center gap-2 text-ink-2">
        {account.enabled ? "On" : "Off"}
        <Switch
          checked={account.enabled}
          onChange={turn}
          disabled={change.isPending}
          label={`${account.name} is on`}
        />
      </span>
      <Menu label={`More for ${account.name}`}>
        <MenuItem danger onSelect={() => setDeleting(true)}>
          Delete this widget
        </MenuItem>
      </Menu>
      <ConfirmName
        open={deleting}
        onOpenChange={setDeleting}
        title="Delete this widget"
        name={account.name}
        action="Delete the widget"
        busy={remove.isPending && "Deleting"}
        error={remove.error}
        onConfirm={() =>
          after(remove.mutateAsync(), () => {
            notify(`${account.name} is deleted.`);
            void navigate({ to: "/channels" });
          })
        }
      >
        It disappears from every site at once, and its line never works again. Conversations that were held in
        it are kept. To pause it, switch it off instead.
      </ConfirmName>
    </>
  );
}
