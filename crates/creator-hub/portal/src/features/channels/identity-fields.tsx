import type { IdentityMode, WidgetSettings } from "@/api/types";
import { TextArea } from "@/ui/field";
import { Choice } from "./choice";

type Identity = Pick<WidgetSettings, "identity" | "identity_public_key">;

interface IdentityFieldsProps {
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
export function IdentityFields({ value, error, onChange }: IdentityFieldsProps) {
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
      {value.identity !== "off" && (
        <TextArea
          label="Your site's public key"
          hint="An Ed25519 key, as PEM or base64. Your site keeps the private half and signs each token with it, for an hour at most."
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
