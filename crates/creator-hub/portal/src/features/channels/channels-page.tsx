import { Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useCan, useMe } from "@/api/account";
import { useChannels, useMakeWidget } from "@/api/channels";
import { messageFor } from "@/api/problem";
import type { ChannelAccount } from "@/api/types";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { More } from "@/ui/more";
import { Page } from "@/ui/page";
import { Empty, Failure, SkeletonRows } from "@/ui/states";

/** How do people reach me? */
export function ChannelsPage() {
  const channels = useChannels();
  const mayEdit = useCan("channels");
  const [making, setMaking] = useState(false);
  const make = mayEdit && (
    <Button variant="primary" onClick={() => setMaking(true)}>
      New widget
    </Button>
  );
  return (
    <Page title="Channels" lead="How clients reach your coach." action={channels.items.length > 0 && make}>
      {channels.isPending ? (
        <SkeletonRows what="your channels" rows={2} />
      ) : channels.isError && !channels.items.length ? (
        <Failure error={channels.error} what="your channels" retry={() => channels.refetch()} />
      ) : channels.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {channels.items.map((account) => (
              <Row key={account.id} account={account} />
            ))}
          </ul>
          <More query={channels} what="channels" />
        </>
      ) : (
        <Empty title="No channel yet" action={make}>
          {mayEdit
            ? "A widget is a small window on your website. You choose how it greets, copy one line into your page, and clients can ask."
            : "An admin of your team can set up the widget for your website."}
        </Empty>
      )}
      <Dialog open={making} onOpenChange={setMaking} title="New widget">
        <NewWidget onClose={() => setMaking(false)} />
      </Dialog>
    </Page>
  );
}

function Row({ account }: { account: ChannelAccount }) {
  const origins = account.settings.allowed_origins.length;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
      <div className="min-w-0 flex-1">
        <Link
          to="/channels/$id"
          params={{ id: account.id }}
          className="font-medium break-words hover:underline"
        >
          {account.name}
        </Link>
        <p className="text-ink-3">
          Widget · {origins ? `shown on ${count(origins, "site")}` : "not allowed on any site yet"}
        </p>
      </div>
      {!account.enabled ? (
        <Badge>Off</Badge>
      ) : origins ? (
        <Badge tone="good">On</Badge>
      ) : (
        <Badge tone="amber">Needs a site</Badge>
      )}
    </li>
  );
}

function NewWidget({ onClose }: { onClose: () => void }) {
  const { creator } = useMe();
  const [name, setName] = useState(`${creator.name}'s website`);
  const make = useMakeWidget();
  const router = useRouter();
  function submit(event: FormEvent) {
    event.preventDefault();
    after(
      make.mutateAsync({ name: name.trim() }),
      ({ id }) => void router.navigate({ to: "/channels/$id", params: { id } }),
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        hint="Only your team sees it."
        required
        value={name}
        error={messageFor(make.error, "/name")}
        onChange={(event) => setName(event.target.value)}
      />
      <FormErrors messages={formMessages(make.error, ["/name"])} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={make.isPending && "Making the widget"}>
          Make the widget
        </Button>
      </Actions>
    </form>
  );
}
