import { useState } from "react";
import { useCan } from "@/api/account";
import { useKeys, useRevokeKey } from "@/api/settings";
import type { ApiKey } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { ConfirmName } from "@/ui/confirm-name";
import { More } from "@/ui/more";
import { Section, useTitle } from "@/ui/page";
import { Empty, Failure, NoRight, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { notify } from "@/ui/toast";
import { NewKey } from "./new-key";

export function KeysPage() {
  useTitle("API keys");
  return useCan("keys") ? <Keys /> : <NoRight needs="admin" />;
}

function Keys() {
  const keys = useKeys();
  const [making, setMaking] = useState(false);
  return (
    <Section
      title="API keys"
      lead="For programs that act for you. A key's secret is shown once."
      action={<Button onClick={() => setMaking(true)}>New API key</Button>}
    >
      {keys.isPending ? (
        <SkeletonRows what="your keys" rows={2} />
      ) : keys.isError && !keys.items.length ? (
        <Failure error={keys.error} what="your keys" retry={() => keys.refetch()} />
      ) : keys.items.length ? (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {keys.items.map((key) => (
              <Row key={key.id} apiKey={key} />
            ))}
          </ul>
          <More query={keys} what="keys" />
        </>
      ) : (
        <Empty title="No API key">
          Everything the portal does, a program can do. The address <code>/api/v1/openapi.json</code>{" "}
          describes it.
        </Empty>
      )}
      <NewKey open={making} onOpenChange={setMaking} />
    </Section>
  );
}

function Row({ apiKey }: { apiKey: ApiKey }) {
  const [revoking, setRevoking] = useState(false);
  const revoke = useRevokeKey(apiKey.id);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
      <div className="min-w-0 flex-1 basis-52">
        <p className="truncate font-medium">{apiKey.name}</p>
        <p className="text-ink-3">
          <code className="text-xs">{apiKey.prefix}…</code> · {apiKey.scopes.join(", ")}
        </p>
      </div>
      <span className="text-ink-3">
        {apiKey.last_used_at ? (
          <>
            Used <Time at={apiKey.last_used_at} />
          </>
        ) : (
          "Never used"
        )}
      </span>
      <Button small onClick={() => setRevoking(true)}>
        Revoke
      </Button>
      <ConfirmName
        open={revoking}
        onOpenChange={setRevoking}
        title={`Revoke ${apiKey.name}`}
        name={apiKey.name}
        action="Revoke the key"
        busy={revoke.isPending && "Revoking"}
        error={revoke.error}
        onConfirm={() => after(revoke.mutateAsync(), () => notify(`${apiKey.name} is revoked.`))}
      >
        Programs that use it are refused from this moment on.
      </ConfirmName>
    </li>
  );
}
