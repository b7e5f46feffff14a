import { useState } from "preact/hooks";
import type { Strings } from "../i18n";
import { Icon } from "./icons";

/** The longest reason the server takes, in UTF-16 units. */
const LONGEST = 1_000;

interface Props {
  /** Makes the field's id unique. */
  id: string;
  strings: Strings;
  /** What the client thinks so far. */
  helpful: boolean | undefined;
  onRate(helpful: boolean, reason?: string): Promise<void>;
}

/** Whether an answer helped, and why, if the client likes to say. */
export function Feedback({ id, strings, helpful, onRate }: Props) {
  const [step, setStep] = useState<"idle" | "asking" | "thanked" | "failed">("idle");
  const [reason, setReason] = useState("");
  const rate = async (value: boolean, why?: string) => {
    try {
      await onRate(value, why);
      setStep(why === undefined ? "asking" : "thanked");
    } catch {
      setStep("failed");
    }
  };
  const thumb = (value: boolean, label: string) => (
    <button
      type="button"
      class="thumb"
      aria-label={label}
      title={label}
      aria-pressed={helpful === value}
      onClick={() => void rate(value)}
    >
      <Icon name={value ? "praise" : "blame"} />
    </button>
  );
  return (
    <div class="feedback">
      {thumb(true, strings.helpful)}
      {thumb(false, strings.notHelpful)}
      {step === "asking" && helpful !== undefined && (
        <form
          class="reason"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim() === "") setStep("idle");
            else void rate(helpful, reason.trim());
          }}
        >
          <label for={`why-${id}`}>{helpful ? strings.whyHelpful : strings.whyNot}</label>
          <textarea
            id={`why-${id}`}
            rows={2}
            dir="auto"
            maxLength={LONGEST}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          <div class="actions">
            <button type="submit" class="button">
              {strings.sendReason}
            </button>
            <button type="button" class="button plain" onClick={() => setStep("idle")}>
              {strings.notNow}
            </button>
          </div>
        </form>
      )}
      <p class={step === "failed" ? "note problem" : "note"} role="status">
        {step === "thanked" ? strings.thanks : step === "failed" ? strings.failed : ""}
      </p>
    </div>
  );
}
