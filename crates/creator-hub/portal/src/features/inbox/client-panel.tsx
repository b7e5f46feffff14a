import { Link } from "@tanstack/react-router";
import type { ClientDetail, Note } from "@/api/types";
import { Facts } from "@/features/client/facts";
import { Identities } from "@/features/client/identities";
import { PreferredChannel } from "@/features/client/preferred-channel";
import { ChannelIcon, channelName } from "@/ui/channel";
import { Time } from "@/ui/time";
import { shortName } from "./who";

interface ClientPanelProps {
  client: ClientDetail;
  /** The conversation it stands beside. */
  current: string;
  notes: readonly Note[];
}

/** Who this is, beside what they say. */
export function ClientPanel({ client, current, notes }: ClientPanelProps) {
  const others = client.conversations.filter(({ id }) => id !== current);
  return (
    <div className="flex flex-col gap-6">
      <div>
        <h2 className="font-serif text-base leading-6 font-medium break-words">
          <Link to="/clients/$id" params={{ id: client.id }} className="hover:underline">
            About {shortName(client.display_name)}
          </Link>
        </h2>
        <Facts client={client} />
      </div>
      <Part title="Channels">
        <Identities client={client} />
      </Part>
      {client.identities.length > 1 && (
        <Part title="Preferences">
          <PreferredChannel client={client} />
        </Part>
      )}
      {others.length > 0 && (
        <Part title="Other conversations">
          <ul className="flex flex-col">
            {others.map(({ id, channel, updated_at }) => (
              <li key={id}>
                <Link
                  to="/inbox"
                  search={(before) => ({ ...before, conversation: id })}
                  className="flex min-h-8 items-center gap-2 rounded-sm hover:underline pointer-coarse:min-h-11"
                >
                  {channel && <ChannelIcon kind={channel.kind} size={15} />}
                  <span className="min-w-0 flex-1 truncate">
                    {channel ? channelName(channel.kind) : "Closed channel"}
                  </span>
                  <span className="text-xs text-ink-3">
                    <Time at={updated_at} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {notes.length > 0 && (
        <Part title="Notes">
          <ul className="flex flex-col gap-3">
            {notes.toReversed().map((note) => (
              <li key={note.id}>
                <p className="break-words whitespace-pre-wrap">{note.text}</p>
                <p className="text-xs text-ink-3">
                  {note.member_name}, <Time at={note.created_at} />
                </p>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 text-xs font-semibold text-ink-3">{title}</h3>
      {children}
    </section>
  );
}
