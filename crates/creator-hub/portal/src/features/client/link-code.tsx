import { useMakeLinkCode } from "@/api/clients";
import type { LinkCode } from "@/api/types";
import { after } from "@/lib/after";
import { relative } from "@/lib/time";
import { Button } from "@/ui/button";
import { channelName } from "@/ui/channel";
import { CodeLine } from "@/ui/copy";
import { notifyFailure } from "@/ui/notify-failure";

/** A single-use code by which the client ties another channel to themselves. */
export function LinkAnotherChannel({ clientId, name }: { clientId: string; name: string }) {
  const make = useMakeLinkCode(clientId);
  const renew = () => after(make.mutateAsync(), () => {}, notifyFailure);
  if (!make.data) {
    return (
      <Button busy={make.isPending && "Making the code"} onClick={renew}>
        Make a link code
      </Button>
    );
  }
  return <Ways code={make.data} name={name} busy={make.isPending} onRenew={renew} />;
}

interface WaysProps {
  code: LinkCode;
  name: string;
  busy: boolean;
  onRenew: () => void;
}

function Ways({ code, name, busy, onRenew }: WaysProps) {
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">
        Give {name} one of these. The code works once, on any of them, and lapses {relative(code.expires_at)}.
        It is not shown again.
      </p>
      <dl className="flex flex-col gap-4">
        {code.links.map(({ channel, url }) => (
          <div key={channel.id}>
            <dt className="mb-1 font-medium">
              {channelName(channel.kind)} <span className="font-normal text-ink-3">{channel.name}</span>
            </dt>
            <dd>
              <CodeLine text={url} what={`the ${channelName(channel.kind)} link`} />
            </dd>
          </div>
        ))}
        <div>
          <dt className="mb-1 font-medium">
            Anywhere <span className="font-normal text-ink-3">as a message, also in the widget</span>
          </dt>
          <dd>
            <CodeLine text={code.text} what="the message" />
          </dd>
        </div>
      </dl>
      <Button small className="self-start" busy={busy && "Making the code"} onClick={onRenew}>
        Make another code
      </Button>
    </div>
  );
}
