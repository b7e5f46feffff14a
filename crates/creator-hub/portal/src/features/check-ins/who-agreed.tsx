import { useClients } from "@/api/check-ins";
import { Badge } from "@/ui/badge";
import { More } from "@/ui/more";
import { Failure, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";

/** The clients it can reach, and those who have not agreed. */
export function WhoAgreed() {
  const clients = useClients();
  return (
    <section className="mt-10">
      <h2 className="mb-3 text-base font-semibold">Who agreed</h2>
      {clients.isPending ? (
        <SkeletonRows what="the clients" rows={3} />
      ) : clients.isError && !clients.items.length ? (
        <Failure error={clients.error} what="the clients" retry={() => clients.refetch()} />
      ) : clients.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {clients.items.map((client) => (
              <li key={client.id} className="flex items-center gap-3 py-2">
                <span className="min-w-0 flex-1 truncate">{client.display_name}</span>
                <span className="hidden text-ink-3 sm:inline">
                  {client.time_zone ?? "Time zone not known"} · seen <Time at={client.last_seen_at} />
                </span>
                {client.consented ? <Badge tone="good">Agreed</Badge> : <Badge>Has not agreed</Badge>}
              </li>
            ))}
          </ul>
          <More query={clients} what="clients" />
        </>
      ) : (
        <p className="text-ink-2">
          Nobody yet. Clients agree in the menu of the widget, once you offer check-ins there.
        </p>
      )}
    </section>
  );
}
