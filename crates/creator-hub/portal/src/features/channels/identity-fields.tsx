import { useMakeIdentitySecret } from "@/api/channels";
import type { IdentityMode, WidgetSettings } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { CodeLine } from "@/ui/copy";
import { TextArea } from "@/ui/field";
import { notifyFailure } from "@/ui/notify-failure";
import { Choice } from "./choice";

type Identity = Pick<WidgetSettings, "identity" | "identity_public_key">;

interface IdentityFieldsProps {
  /** Id of the widget. */
  widget: string;
  value: Identity;
  error: (field: keyof Identity) => string | undefined;
  onChange: (part: Partial<Identity>) => void;
}

const MODES: readonly (readonly [IdentityMode, string, string])[] = [
  ["off", "Nobody is known", "Every visitor is anonymous until they link another channel."],
  [
    "optional",
    "Members of your site may be known",
    "Whoever is logged in comes with a token your site signs.",
  ],
  ["required", "Only members of your site", "Without a signed token nobody is answered."],
];

/** Whether the host page says, in signed tokens, who its clients are. */
export function IdentityFields({ widget, value, error, onChange }: IdentityFieldsProps) {
  return (
    <>
      <div>
        <Choice
          legend="Who your visitors are"
          value={value.identity}
          onChange={(identity) => onChange({ identity })}
          options={MODES}
        />
        {error("identity") && <p className="mt-1 text-bad">{error("identity")}</p>}
      </div>
      {value.identity !== "off" && <SharedSecret widget={widget} />}
      {value.identity !== "off" && (
        <TextArea
          label="Or your site's public key"
          optional
          hint="An Ed25519 key, as PEM or base64. Your site keeps the private half and signs with EdDSA, so that we could not sign for it."
          rows={3}
          spellCheck={false}
          className="font-mono"
          value={value.identity_public_key ?? ""}
          error={error("identity_public_key")}
          onChange={({ target }) => onChange({ identity_public_key: target.value.trim() || null })}
        />
      )}
    </>
  );
}

/** The secret for HS256: made here, kept on the host page's server. */
function SharedSecret({ widget }: { widget: string }) {
  const make = useMakeIdentitySecret(widget);
  return (
    <div className="flex flex-col items-start gap-2">
      <p className="text-sm font-medium">Shared secret</p>
      {make.data ? (
        <>
          <p className="text-ink-2">Copy it now to your site's server: it is not shown again.</p>
          <CodeLine text={make.data.secret} what="the secret" />
        </>
      ) : (
        <>
          <p className="text-ink-3">
            Your site's server signs with it by HS256, for an hour at most. A new one ends the one before, and
            everybody known by it signs in again.
          </p>
          <Button
            busy={make.isPending && "Making the secret"}
            onClick={() => after(make.mutateAsync(), () => {}, notifyFailure)}
          >
            Make a new secret
          </Button>
        </>
      )}
    </div>
  );
}
