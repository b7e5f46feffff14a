import { AudioLines, Download, FileText, Image as ImageIcon, Paperclip, Video } from "lucide-react";
import { useState } from "react";
import type { Attachment, AttachmentKind } from "@/api/types";
import { bytes as sizeOf } from "@/lib/count";
import { Dialog } from "@/ui/dialog";

const SIGNS: Record<AttachmentKind, typeof Paperclip> = {
  image: ImageIcon,
  pdf: FileText,
  text: FileText,
  audio: AudioLines,
  video: Video,
  other: Paperclip,
};

const addressOf = ({ id }: Attachment) => `/api/v1/attachments/${id}`;

/** What a message carries: pictures to look at, everything else to save. */
export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  return (
    <ul aria-label="Files" className="flex max-w-full flex-wrap gap-2">
      {attachments.map((attachment) => (
        <li key={attachment.id} className="max-w-full min-w-0">
          {attachment.kind === "image" ? (
            <Picture attachment={attachment} />
          ) : (
            <SavedFile attachment={attachment} />
          )}
        </li>
      ))}
    </ul>
  );
}

function SavedFile({ attachment }: { attachment: Attachment }) {
  const { name, kind, bytes } = attachment;
  const Sign = SIGNS[kind];
  return (
    <a
      href={addressOf(attachment)}
      download={name}
      aria-label={`Save ${name}, ${sizeOf(bytes)}`}
      className="flex max-w-full items-center gap-3 rounded-md border border-line bg-raised py-2 pr-3 pl-2 no-underline transition-colors duration-150 hover:bg-hover"
    >
      <span className="grid size-9 shrink-0 place-items-center rounded-sm bg-sunken text-ink-3">
        <Sign size={18} aria-hidden />
      </span>
      <span className="min-w-0">
        <span className="block truncate text-ink">{name}</span>
        <span className="block text-xs text-ink-3 tabular">{sizeOf(bytes)}</span>
      </span>
      <Download size={16} aria-hidden className="ml-1 shrink-0 text-ink-3" />
    </a>
  );
}

/** A picture in small; pressed, as large as the window. */
function Picture({ attachment }: { attachment: Attachment }) {
  const [open, setOpen] = useState(false);
  const [broken, setBroken] = useState(false);
  if (broken) return <SavedFile attachment={attachment} />;
  const { name, bytes } = attachment;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={`Open the picture ${name}`}
        onClick={() => setOpen(true)}
        className="block size-40 overflow-hidden rounded-md border border-line bg-sunken"
      >
        <img
          src={addressOf(attachment)}
          alt=""
          loading="lazy"
          decoding="async"
          className="size-full object-cover"
          onError={() => setBroken(true)}
        />
      </button>
      <Dialog open={open} onOpenChange={setOpen} title={name} wide>
        <img src={addressOf(attachment)} alt={name} className="mx-auto max-h-[65dvh] max-w-full rounded-sm" />
        <p className="mt-3 flex flex-wrap items-center justify-between gap-2 text-ink-3">
          <span className="tabular">{sizeOf(bytes)}</span>
          <a href={addressOf(attachment)} download={name} className="inline-flex items-center gap-1.5">
            <Download size={16} aria-hidden />
            Save the picture
          </a>
        </p>
      </Dialog>
    </>
  );
}
