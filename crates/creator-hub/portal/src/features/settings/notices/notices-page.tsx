import { useQuery } from "@tanstack/react-query";
import { useMe } from "@/api/account";
import { noticesQuery, useChangeNotices } from "@/api/notices";
import { after } from "@/lib/after";
import { notifyFailure } from "@/ui/notify-failure";
import { Section, useTitle } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";
import { Switch } from "@/ui/switch";
import { notify } from "@/ui/toast";

/** What is the signed-in member told of while the portal is shut? */
export function NoticesPage() {
  useTitle("Your notices");
  const { member } = useMe();
  return (
    <Section
      title="Your notices"
      lead={`What we email to ${member.email}. Everybody on your team chooses for themselves.`}
    >
      <Choices />
    </Section>
  );
}

function Choices() {
  const notices = useQuery(noticesQuery);
  const change = useChangeNotices();
  if (!notices.data) {
    return notices.isError ? (
      <Failure error={notices.error} what="your notices" retry={() => void notices.refetch()} />
    ) : (
      <SkeletonRows what="your notices" rows={1} />
    );
  }
  const { human_wanted: wanted, mail } = notices.data;
  function choose(human_wanted: boolean) {
    const told = human_wanted
      ? "You are emailed when a client wants a person."
      : "You are no longer emailed when a client wants a person.";
    after(change.mutateAsync({ human_wanted }), () => notify(told), notifyFailure);
  }
  return (
    <div className="max-w-160">
      {!mail && (
        <p className="mb-4 rounded-md bg-amber-soft px-3 py-2 text-amber">
          This server cannot send mail yet. Whoever runs it sets{" "}
          <code className="font-mono text-xs">mail.smtp_url</code> and{" "}
          <code className="font-mono text-xs">mail.from</code>. Your choice is kept until then.
        </p>
      )}
      <div className="flex items-start gap-4 border-y border-line py-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium">Email me when a client wants a person</p>
          <p className="mt-0.5 text-ink-3">
            Once in 15 minutes at most about one conversation, and not at all once somebody has taken over.
            What the client wrote is not in the mail.
          </p>
        </div>
        <Switch
          checked={change.isPending ? change.variables.human_wanted : wanted}
          onChange={choose}
          disabled={change.isPending}
          label="Email me when a client wants a person"
        />
      </div>
    </div>
  );
}
