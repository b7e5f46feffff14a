import { useCan } from "@/api/account";
import type { Channel } from "@/api/types";
import { channelName } from "@/ui/channel";
import { Page, Section } from "@/ui/page";
import { BackToChannels } from "./back-to-channels";
import { MessengerActions } from "./messenger-actions";
import { MessengerForm } from "./messenger-form";
import { MessengerStatus } from "./messenger-status";
import { MetaWebhook } from "./meta-webhook";
import { Standing } from "./standing";
import { Templates } from "./templates";
import { TestMessage } from "./test-message";
import { Trouble } from "./trouble";

/** One bot or one number: whether it works, how it is set, and what went wrong on it. */
export function MessengerPage({ channel }: { channel: Channel }) {
  const mayEdit = useCan("channels");
  const whatsapp = channel.kind === "whatsapp";
  return (
    <Page
      title={channel.name}
      above={<BackToChannels />}
      action={mayEdit && <MessengerActions channel={channel} />}
    >
      <MessengerStatus channel={channel} mayEdit={mayEdit} />
      {whatsapp && mayEdit && (
        <Section
          title="Let Meta bring messages here"
          lead="Once for your app at Meta, under WhatsApp, Configuration. Without it nothing arrives."
        >
          <MetaWebhook />
        </Section>
      )}
      {mayEdit && (
        <Section title="Try it" lead="A real message over the real road, to your own phone.">
          <TestMessage channel={channel} />
        </Section>
      )}
      <Section title={`How it works on ${channelName(channel.kind)}`}>
        <MessengerForm key={channel.id} channel={channel} mayEdit={mayEdit} />
      </Section>
      {whatsapp && <Standing id={channel.id} />}
      {whatsapp && <Templates id={channel.id} mayEdit={mayEdit} />}
      <Trouble id={channel.id} mayReplay={mayEdit} />
    </Page>
  );
}
