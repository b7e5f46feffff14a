import { useState } from "preact/hooks";
import { fill, type Strings, timeZone } from "../i18n";
import { Dialog } from "./dialog";

interface Props {
  name: string;
  strings: Strings;
  checkIns: boolean;
  /** Records the choice together with the sentence that was shown. */
  onChoose(checkIns: boolean, shown: string): Promise<void>;
  onClose(): void;
}

/** Asks whether the coach may write first, or ends it. Nothing is agreed to unless the client presses the button. */
export function ConsentSheet({ name, strings, checkIns, onChoose, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const values = { name, zone: timeZone() };
  const shown = fill(checkIns ? strings.agreedText : strings.consentText, values);
  const choose = async () => {
    setBusy(true);
    setFailed(false);
    try {
      await onChoose(!checkIns, shown);
      onClose();
    } catch {
      setFailed(true);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={fill(checkIns ? strings.agreedTitle : strings.consentTitle, values)}
      closeLabel={strings.back}
      onClose={onClose}
    >
      <p>{shown}</p>
      {failed && (
        <p class="note problem" role="alert">
          {strings.failed}
        </p>
      )}
      <div class="actions">
        <button type="button" class="button" disabled={busy} onClick={choose}>
          {checkIns ? strings.stopCheckIns : strings.agree}
        </button>
        <button type="button" class="button plain" onClick={onClose}>
          {checkIns ? strings.keep : strings.notNow}
        </button>
      </div>
    </Dialog>
  );
}
