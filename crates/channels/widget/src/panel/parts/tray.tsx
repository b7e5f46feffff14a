import { useEffect, useState } from "preact/hooks";
import type { FilesState, Refusal, Upload } from "../files";
import { fill, type Language, type Strings } from "../i18n";
import { MOST, size } from "../kinds";
import { FileSign } from "./attachment";
import { Icon } from "./icons";

/** Why a file cannot be sent, as a sentence. */
export function refusalWords(name: string, why: Refusal, strings: Strings): string {
  const sentence = {
    kind: strings.fileKind,
    large: strings.fileLarge,
    many: strings.fileMany,
    empty: strings.fileEmpty,
    gone: strings.fileGone,
  }[why];
  return fill(sentence, { name, n: MOST });
}

interface Props {
  files: FilesState;
  language: Language;
  picture(id: string): Promise<string>;
  onDetach(id: string): void;
}

/** What the next message will carry, above where the client writes. */
export function Tray({ files, language, picture, onDetach }: Props) {
  const { strings } = language;
  const ready = files.tray.filter(({ state }) => state === "ready").length;
  return (
    <>
      {files.tray.length > 0 && (
        <ul class="tray" aria-label={strings.files}>
          {files.tray.map((upload) => (
            <li key={upload.id} class={`file ${upload.state}`}>
              <Chosen upload={upload} language={language} picture={picture} />
              <button
                type="button"
                class="quiet"
                aria-label={fill(strings.takeBack, { name: upload.name })}
                onClick={() => {
                  onDetach(upload.id);
                  // The button that was pressed is gone: the keyboard goes on where one writes.
                  document.getElementById("composer")?.focus();
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {files.refused && (
        <p class="note problem" role="alert">
          {refusalWords(files.refused.name, files.refused.why, strings)}
        </p>
      )}
      <p class="hidden" role="status">
        {ready > 0 ? fill(strings.filesReady, { n: ready }) : ""}
      </p>
    </>
  );
}

/** A file that was chosen, and how far it has come. */
export function Chosen({
  upload,
  language: { strings, tag },
  picture,
}: {
  upload: Upload;
  language: Language;
  picture(id: string): Promise<string>;
}) {
  const { id, name, kind, bytes, state, progress } = upload;
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (kind === "image") void picture(id).then(setAddress, () => undefined);
  }, [id, kind, picture]);
  return (
    <>
      {address ? <img src={address} alt="" onError={() => setAddress(null)} /> : <FileSign kind={kind} />}
      <span class="file-words">
        <bdi class="file-name">{name}</bdi>
        <span class={state === "refused" ? "file-state problem" : "file-state"}>
          {state === "refused"
            ? refusalWords(name, upload.refusal ?? "kind", strings)
            : state === "waiting"
              ? strings.fileWaits
              : size(bytes, tag)}
        </span>
        {state === "sending" && (
          <progress max={1} value={progress} aria-label={fill(strings.fileSending, { name })} />
        )}
      </span>
    </>
  );
}
