import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useCan } from "@/api/account";
import { clientQuery } from "@/api/clients";
import type { ClientDetail } from "@/api/types";
import { shortName } from "@/features/inbox/who";
import { ChannelIcon } from "@/ui/channel";
import { Page, Section } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { EraseClient } from "./erase-client";
import { Events } from "./events";
import { Facts } from "./facts";
import { Identities } from "./identities";
import { LinkAnotherChannel } from "./link-code";
import { PreferredChannel } from "./preferred-channel";

/** Who is this person, and where do I reach them? */
export function ClientPage() {
  const { id } = useParams({ from: "/inside/clients/$id" });
  const client = useQuery(clientQuery(id));
  if (client.data) return <Known client={client.data} />;
  return (
    <Page title="Client" above={<Back />}>
      {client.isError ? (
        <Failure error={client.error} what="this client" retry={() => void client.refetch()} />
      ) : (
        <SkeletonRows what="the client" />
      )}
    </Page>
  );
}

function Back() {
  return (
    <Link to="/clients" className="mb-3 inline-flex items-center gap-1 text-ink-2 hover:text-ink">
      <ChevronLeft size={16} aria-hidden />
      Clients
    </Link>
  );
}

function Known({ client }: { client: ClientDetail }) {
  const mayAnswer = useCan("answer");
  const mayErase = useCan("erase");
  const name = shortName(client.display_name);
  return (
    <Page title={client.display_name} above={<Back />}>
      <div className="-mt-4 mb-8">
        <Facts client={client} />
      </div>
      <Section title="Channels" lead={`Where ${name} is known, and what may be sent there now.`}>
        <Identities client={client} full />
      </Section>
      {client.identities.length > 1 && (
        <Section title="Preferences">
          <div className="max-w-88">
            <PreferredChannel client={client} />
          </div>
        </Section>
      )}
      {mayAnswer && (
        <Section
          title="Link another channel"
          lead={`One person, one history: ${name} opens the link on the other channel, and both conversations belong to them.`}
        >
          <LinkAnotherChannel clientId={client.id} name={name} />
        </Section>
      )}
      <Section title="Conversations">
        {client.conversations.length ? (
          <ul className="divide-y divide-line border-y border-line">
            {client.conversations.map((conversation) => (
              <Talk key={conversation.id} conversation={conversation} />
            ))}
          </ul>
        ) : (
          <p className="text-ink-2">None yet.</p>
        )}
      </Section>
      {client.events.length > 0 && (
        <Section title="Events" lead={`The latest that your own programs told us of ${name}.`}>
          <Events events={client.events} />
        </Section>
      )}
      {mayErase && (
        <Section
          title="Erase"
          lead={`For when ${name} asks to be forgotten. Everything of theirs goes, on every channel.`}
        >
          <EraseClient client={client} />
        </Section>
      )}
    </Page>
  );
}

function Talk({ conversation }: { conversation: ClientDetail["conversations"][number] }) {
  const { id, channel, title, updated_at } = conversation;
  return (
    <li>
      <Link
        to="/inbox"
        search={{ conversation: id }}
        className="flex min-h-12 items-center gap-3 py-2 hover:bg-hover focus-visible:-outline-offset-2"
      >
        {channel && <ChannelIcon kind={channel.kind} named className="text-ink-3" />}
        <span className="min-w-0 flex-1 truncate">{title || "Nothing was asked yet"}</span>
        <span className="shrink-0 text-ink-3">
          <Time at={updated_at} />
        </span>
      </Link>
    </li>
  );
}
