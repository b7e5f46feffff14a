import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { messengerQuery } from "@/api/messengers";
import { Page } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";
import { BackToChannels } from "./back-to-channels";
import { MessengerPage } from "./messenger-page";
import { WidgetPage } from "./widget-page";

/** One channel account, each kind with a page of its own. */
export function ChannelPage() {
  const { id } = useParams({ from: "/inside/channels/$id" });
  const channel = useQuery(messengerQuery(id));
  if (channel.data?.kind === "widget") return <WidgetPage />;
  if (channel.data) return <MessengerPage channel={channel.data} />;
  return (
    <Page title="Channel" above={<BackToChannels />}>
      {channel.isError ? (
        <Failure error={channel.error} what="this channel" retry={() => void channel.refetch()} />
      ) : (
        <SkeletonRows what="the channel" />
      )}
    </Page>
  );
}
