import { type FormEvent, useState } from "react";
import {
  type CannedReplyForm,
  useCannedReplies,
  useDeleteCannedReply,
  useSaveCannedReply,
} from "@/api/canned-replies";
import { messageFor } from "@/api/problem";
import type { CannedReply } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors, TextArea, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notifyFailure } from "@/ui/notify-failure";
import { notify } from "@/ui/toast";

/** The list of canned replies, and one of them opened to be written. */
export function CannedReplies({ onClose }: { onClose: () => void }) {
  const replies = useCannedReplies();
  const [open, setOpen] = useState<CannedReply | "new" | null>(null);
  const writing = open !== null || (!replies.isPending && replies.items.length === 0);
  return (
    <Dialog
      open
      onOpenChange={(stays) => !stays && onClose()}
      title={writing ? "Canned reply" : "Canned replies"}
      wide
    >
      {writing ? (
        <CannedForm
          key={open === null || open === "new" ? "new" : open.id}
          reply={open === "new" ? null : open}
          onDone={() => (replies.items.length ? setOpen(null) : onClose())}
        />
      ) : (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {replies.items.map((reply) => (
              <li key={reply.id} className="flex items-center gap-3 py-2">
                <div className="min-w-0 flex-1">
                  <p className="truncate font-medium">{reply.title}</p>
                  <p className="line-clamp-2 text-ink-3">{reply.text}</p>
                </div>
                <Button small onClick={() => setOpen(reply)} aria-label={`Change ${reply.title}`}>
                  Change
                </Button>
              </li>
            ))}
          </ul>
          <Actions>
            <Button variant="primary" onClick={() => setOpen("new")}>
              Write a canned reply
            </Button>
          </Actions>
        </>
      )}
    </Dialog>
  );
}

function CannedForm({ reply, onDone }: { reply: CannedReply | null; onDone: () => void }) {
  const [form, setForm] = useState<CannedReplyForm>({ title: reply?.title ?? "", text: reply?.text ?? "" });
  const save = useSaveCannedReply(reply?.id);
  const remove = useDeleteCannedReply();
  const restore = useSaveCannedReply();
  function submit(event: FormEvent) {
    event.preventDefault();
    after(save.mutateAsync({ title: form.title.trim(), text: form.text.trim() }), onDone);
  }
  function drop({ id, title, text }: CannedReply) {
    after(
      remove.mutateAsync(id),
      () => {
        notify(`${title} is deleted.`, {
          undo: () => after(restore.mutateAsync({ title, text }), () => {}, notifyFailure),
        });
        onDone();
      },
      notifyFailure,
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Title"
        hint="By which your team finds it."
        required
        maxLength={80}
        value={form.title}
        error={messageFor(save.error, "/title")}
        onChange={({ target }) => setForm({ ...form, title: target.value })}
      />
      <TextArea
        label="Words"
        required
        rows={5}
        maxLength={4_000}
        value={form.text}
        error={messageFor(save.error, "/text")}
        onChange={({ target }) => setForm({ ...form, text: target.value })}
      />
      <FormErrors messages={formMessages(save.error, ["/title", "/text"])} />
      <Actions>
        {reply && (
          <Button
            variant="quiet"
            className="mr-auto text-bad"
            busy={remove.isPending && "Deleting"}
            onClick={() => drop(reply)}
          >
            Delete it
          </Button>
        )}
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" busy={save.isPending && "Keeping it"}>
          Keep this reply
        </Button>
      </Actions>
    </form>
  );
}
