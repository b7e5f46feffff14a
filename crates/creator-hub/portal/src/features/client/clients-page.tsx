import { Link } from "@tanstack/react-router";
import { useClients } from "@/api/check-ins";
import { Badge } from "@/ui/badge";
import { buttonClass } from "@/ui/button";
import { More } from "@/ui/more";
import { Page } from "@/ui/page";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";

/** Everybody who ever wrote, the newest first. */
export function ClientsPage() {
  const clients = useClients();
  return (
    <Page title="Clients" lead="Everybody who has written to you, on any channel.">
      {clients.isPending ? (
        <SkeletonRows what="the clients" />
      ) : clients.isError && !clients.items.length ? (
        <Failure error={clients.error} what="the clients" retry={() => void clients.refetch()} />
      ) : clients.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {clients.items.map((client) => (
              <li key={client.id}>
                <Link
                  to="/clients/$id"
                  params={{ id: client.id }}
                  className="flex min-h-12 items-center gap-3 py-2 hover:bg-hover"
                >
                  <span className="flex min-w-0 flex-1 flex-col gap-x-3 sm:flex-row sm:items-center">
                    <span className="min-w-0 flex-1 truncate font-medium" title={client.display_name}>
                      {client.display_name}
                    </span>
                    <span className="shrink-0 text-ink-3">
                      <span className="hidden sm:inline">{client.time_zone ?? "Time zone not known"} · </span>
                      seen <Time at={client.last_seen_at} />
                    </span>
                  </span>
                  {client.consented && <Badge tone="good">Agreed</Badge>}
                </Link>
              </li>
            ))}
          </ul>
          <More query={clients} what="clients" />
        </>
      ) : (
        <Empty
          title="Nobody has written yet"
          action={
            <Link to="/channels" className={buttonClass("primary")}>
              Connect a channel
            </Link>
          }
        >
          A client appears here with their first message.
        </Empty>
      )}
    </Page>
  );
}
