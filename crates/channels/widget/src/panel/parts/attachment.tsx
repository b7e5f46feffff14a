import { useEffect, useRef, useState } from "preact/hooks";
import { fill, type Language } from "../i18n";
import { size } from "../kinds";
import type { Attachment, AttachmentKind } from "../types";
import { Icon } from "./icons";

/** A drawn sheet with the kind on it, where there is no picture. */
export function FileSign({ kind }: { kind: AttachmentKind }) {
  return (
    <span class="file-sign" aria-hidden="true">
      <Icon name={kind === "audio" ? "sound" : kind === "image" ? "picture" : "sheet"} />
    </span>
  );
}

interface Props {
  attachments: readonly Attachment[];
  language: Language;
  picture(id: string): Promise<string>;
  onOpen(attachment: Attachment): void;
}

/** What a message carries: pictures as pictures, everything else as a file to save. */
export function Attachments({ attachments, language, picture, onOpen }: Props) {
  return (
    <ul class="carried" aria-label={language.strings.files}>
      {attachments.map((attachment) => (
        <li key={attachment.id}>
          {attachment.kind === "image" ? (
            <Picture attachment={attachment} language={language} picture={picture} onOpen={onOpen} />
          ) : (
            <File attachment={attachment} language={language} onOpen={onOpen} />
          )}
        </li>
      ))}
    </ul>
  );
}

type One = Omit<Props, "attachments" | "picture"> & { attachment: Attachment };

function File({ attachment, language, onOpen }: One) {
  const { name, kind, bytes } = attachment;
  return (
    <button
      type="button"
      class="file sent"
      aria-label={fill(language.strings.saveFile, { name })}
      onClick={() => onOpen(attachment)}
    >
      <FileSign kind={kind} />
      <span class="file-words">
        <bdi class="file-name">{name}</bdi>
        <span class="file-state">{size(bytes, language.tag)}</span>
      </span>
    </button>
  );
}

/** A picture, asked of the server once it comes into view. */
function Picture({ attachment, language, picture, onOpen }: One & Pick<Props, "picture">) {
  const { id, name } = attachment;
  const [address, setAddress] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const show = () => void picture(id).then(setAddress, () => setBroken(true));
    const element = ref.current;
    if (!element || !("IntersectionObserver" in window)) {
      show();
      return;
    }
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      show();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [id, picture]);
  if (broken) return <File attachment={attachment} language={language} onOpen={onOpen} />;
  return (
    <button
      type="button"
      ref={ref}
      class="thumb-picture"
      aria-haspopup="dialog"
      aria-label={fill(language.strings.openPicture, { name })}
      onClick={() => onOpen(attachment)}
    >
      {address ? <img src={address} alt="" onError={() => setBroken(true)} /> : <FileSign kind="image" />}
    </button>
  );
}
