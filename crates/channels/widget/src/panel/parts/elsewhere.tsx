import { useEffect, useState } from "preact/hooks";
import type { WidgetConfig } from "../../shared/protocol";
import { fill, type Strings } from "../i18n";
import type { LinkCode } from "../types";
import { Dialog } from "./dialog";
import { Icon } from "./icons";

const APPS = { telegram: "Telegram", whatsapp: "WhatsApp" } as const;

interface Props {
  config: WidgetConfig;
  strings: Strings;
  onCode(): Promise<LinkCode>;
  onLink(code: string): Promise<void>;
  onClose(): void;
}

/** One person, several channels: links that lead on, and a place for a code from elsewhere. */
export function ElsewhereSheet({ config, strings, onCode, onLink, onClose }: Props) {
  const offered = config.elsewhere.length > 0;
  const [made, setMade] = useState<LinkCode | "failed" | null>(null);
  const [code, setCode] = useState("");
  const [step, setStep] = useState<"idle" | "busy" | "wrong" | "linked">("idle");
  // One code for each time the sheet is opened.
  useEffect(() => {
    if (offered) onCode().then(setMade, () => setMade("failed"));
  }, []);
  const link = async () => {
    setStep("busy");
    try {
      await onLink(code.trim());
      setStep("linked");
    } catch {
      setStep("wrong");
    }
  };
  return (
    <Dialog
      title={offered ? strings.elsewhere : strings.enterCode}
      closeLabel={strings.back}
      onClose={onClose}
    >
      {offered && (
        <>
          <p>{strings.elsewhereText}</p>
          {made === "failed" ? (
            <p class="note problem" role="alert">
              {strings.failed}
            </p>
          ) : (
            <div class="actions">
              {made?.links.map(({ kind, url }) => (
                <a key={url} class="button" href={url} target="_blank" rel="noopener noreferrer">
                  {fill(strings.continueOn, { app: APPS[kind] })}
                  <Icon name="link" />
                  <span class="hidden">({strings.newTab})</span>
                </a>
              ))}
            </div>
          )}
        </>
      )}
      <form
        class="code"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim() !== "" && step !== "busy") void link();
        }}
      >
        <label for="link-code">{strings.haveCode}</label>
        <input
          id="link-code"
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          dir="ltr"
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
        <button type="submit" class="button plain" disabled={code.trim() === "" || step === "busy"}>
          {strings.useCode}
        </button>
      </form>
      <p class={step === "wrong" ? "note problem" : "note"} role="status">
        {step === "wrong" ? strings.codeWrong : step === "linked" ? strings.linked : ""}
      </p>
    </Dialog>
  );
}
