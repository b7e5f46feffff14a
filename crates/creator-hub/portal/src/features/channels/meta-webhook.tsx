import { CodeLine } from "@/ui/copy";
import { StepsList } from "./steps-list";

/** Where the server listens to Meta; the same for every number. */
const PATH = "/hooks/whatsapp";

/** What to copy into the app at Meta. */
export function MetaWebhook() {
  return (
    <div className="flex max-w-160 flex-col gap-4">
      <StepsList>
        {[
          <>
            <span className="mb-1 block">As callback URL:</span>
            <CodeLine text={`${location.origin}${PATH}`} what="the callback URL" />
          </>,
          <>
            As verify token: what stands as <code className="font-mono text-xs">verify_token</code> under{" "}
            <code className="font-mono text-xs">[whatsapp]</code> in this server's settings. It is a secret of
            the server, so whoever runs it has it.
          </>,
          <>
            Subscribe to the field <code className="font-mono text-xs">messages</code>, and to{" "}
            <code className="font-mono text-xs">user_preferences</code> so that a client who stops your
            messages at Meta is heard here too.
          </>,
        ]}
      </StepsList>
    </div>
  );
}
