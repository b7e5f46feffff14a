import { Link } from "@tanstack/react-router";
import { useSendTest } from "@/api/messengers";
import { asFailure } from "@/api/problem";
import type { Channel } from "@/api/types";
import { after } from "@/lib/after";
import { Button, OutLink } from "@/ui/button";
import { channelName } from "@/ui/channel";
import { StepsList } from "./steps-list";

/** Ends connecting with a message that really arrives. */
export function TestMessage({ channel }: { channel: Channel }) {
  const send = useSendTest(channel.id);
  const messenger = channelName(channel.kind);
  const link = channel.connection?.link;
  return (
    <div className="flex max-w-160 flex-col gap-4">
      <StepsList>
        {[
          <>
            {link ? <OutLink href={link}>Open the chat</OutLink> : "Open the chat"} on your own phone and
            write anything. {messenger} lets nobody be written to who has not written first.
          </>,
          "Then send yourself the test message.",
        ]}
      </StepsList>
      <Button
        className="self-start"
        disabled={!channel.enabled}
        busy={send.isPending && `Waiting for ${messenger}`}
        onClick={() => after(send.mutateAsync(), () => {})}
      >
        Send a test message
      </Button>
      <div role="status">
        {send.isSuccess && (
          <p className="text-good">
            {messenger} took it. Look at your phone:{" "}
            <Link
              to="/clients/$id"
              params={{ id: send.data.client_id }}
              className="underline underline-offset-2"
            >
              it went to whoever wrote last
            </Link>
            .
          </p>
        )}
        {send.isError && <p className="text-bad">{asFailure(send.error).message}</p>}
      </div>
    </div>
  );
}
