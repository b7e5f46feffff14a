import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ChannelKind } from "@/api/types";
import { Badge } from "@/ui/badge";
import { ChannelIcon, channelName } from "@/ui/channel";
import type { ChannelState } from "./channel-state";

export interface AccountLine {
  id: string;
  name: string;
  /** Under the name: what people know it by, or why it does not work. */
  detail: string;
  state: ChannelState;
}

interface KindCardProps {
  kind: ChannelKind;
  lead: string;
  accounts: readonly AccountLine[];
  action: ReactNode;
  /** What holds for all accounts of the kind. */
  children?: ReactNode;
}

/** One kind of channel with its accounts; each of them can be opened. */
export function KindCard({ kind, lead, accounts, action, children }: KindCardProps) {
  return (
    <section
      aria-label={channelName(kind)}
      className="flex min-w-0 flex-col rounded-md border border-line bg-raised p-5"
    >
      <h2 className="flex items-center gap-2.5 text-base font-semibold">
        <ChannelIcon kind={kind} size={20} className="text-accent" />
        {channelName(kind)}
      </h2>
      <p className="mt-1 mb-4 text-ink-2">{lead}</p>
      {children}
      {accounts.length > 0 && (
        <ul className="mb-4 divide-y divide-line border-y border-line">
          {accounts.map((account) => (
            <li key={account.id}>
              <Link
                to="/channels/$id"
                params={{ id: account.id }}
                className="flex min-h-14 items-center gap-3 py-2 hover:bg-hover focus-visible:-outline-offset-2"
              >
                <span className="min-w-0 flex-1">
                  <span className="line-clamp-2 font-medium break-words">{account.name}</span>
                  <span className="line-clamp-2 break-words text-ink-3">{account.detail}</span>
                </span>
                <Badge tone={account.state.tone}>{account.state.word}</Badge>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {action && <div className="mt-auto">{action}</div>}
    </section>
  );
}
