import { useEffect, useState } from "preact/hooks";
import type { Strings } from "../i18n";
import type { Attachment } from "../types";
import { Dialog } from "./dialog";

interface Props {
  attachment: Attachment;
  strings: Strings;
  picture(id: string): Promise<string>;
  onSave(): void;
  onClose(): void;
}

/** A picture the client sent, as large as the panel is. */
export function PictureSheet({ attachment, strings, picture, onSave, onClose }: Props) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    void picture(attachment.id).then(setAddress, () => undefined);
  }, [attachment.id, picture]);
  return (
    <Dialog title={attachment.name} closeLabel={strings.back} onClose={onClose}>
      {address && <img class="whole-picture" src={address} alt={attachment.name} />}
      <button type="button" class="button plain" onClick={onSave}>
        {strings.save}
      </button>
    </Dialog>
  );
}
