import { ChevronDown } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useAddFromUrl, useSample } from "@/api/knowledge";
import { asFailure, messageFor } from "@/api/problem";
import { after } from "@/lib/after";
import { ACCEPTED } from "@/lib/stage";
import { Button, buttonClass } from "@/ui/button";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { Menu, MenuItem } from "@/ui/menu";
import { notifyFailure } from "@/ui/notify-failure";
import { notify } from "@/ui/toast";
import type { useTarget } from "./use-target";

type Target = ReturnType<typeof useTarget>;

export function UploadButton({ target, variant }: { target: Target; variant: "primary" | "plain" }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button variant={variant} onClick={() => input.current?.click()}>
        Add documents
      </Button>
      <FilesInput ref={input} target={target} />
    </>
  );
}

function FilesInput({ ref, target }: { ref: React.Ref<HTMLInputElement>; target: Target }) {
  return (
    <input
      ref={ref}
      type="file"
      multiple
      hidden
      accept={ACCEPTED}
      aria-label="Choose files"
      onChange={(event) => {
        void target.addFiles(event.target.files ?? []);
        // The same file may be chosen again after it was removed.
        event.target.value = "";
      }}
    />
  );
}

export function SampleButton({ target }: { target: Target }) {
  const sample = useSample();
  async function load() {
    try {
      const { base } = await target.resolve();
      await sample.mutateAsync(base);
      notify("The sample handbook is being read.");
    } catch (error) {
      notify(asFailure(error).message, { tone: "bad" });
    }
  }
  return (
    <Button busy={sample.isPending && "Adding the handbook"} onClick={load}>
      Try the sample handbook
    </Button>
  );
}

/** The page's primary action: files at once, the other ways behind the arrow. */
export function AddMenu({ target }: { target: Target }) {
  const [fromUrl, setFromUrl] = useState(false);
  const sample = useSample();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Menu
        label="Add documents"
        trigger={
          <button type="button" className={buttonClass("primary")}>
            Add documents
            <ChevronDown size={16} aria-hidden />
          </button>
        }
      >
        <MenuItem onSelect={() => input.current?.click()}>Choose files</MenuItem>
        <MenuItem onSelect={() => setFromUrl(true)}>From a web address</MenuItem>
        <MenuItem
          onSelect={async () => {
            const { base } = await target.resolve();
            after(
              sample.mutateAsync(base),
              () => notify("The sample handbook is being read."),
              notifyFailure,
            );
          }}
        >
          Try the sample handbook
        </MenuItem>
      </Menu>
      <FilesInput ref={input} target={target} />
      <Dialog
        open={fromUrl}
        onOpenChange={setFromUrl}
        title="Add a web page"
        description={`It is read once and kept in ${target.name}. Answers cite its address.`}
      >
        <UrlForm target={target} onDone={() => setFromUrl(false)} />
      </Dialog>
    </>
  );
}

function UrlForm({ target, onDone }: { target: Target; onDone: () => void }) {
  const [url, setUrl] = useState("");
  const add = useAddFromUrl();
  async function submit(event: FormEvent) {
    event.preventDefault();
    const { base, folder } = await target.resolve();
    after(
      add.mutateAsync({ url, knowledge_base_id: base, ...(folder ? { folder_id: folder } : {}) }),
      onDone,
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Web address"
        type="url"
        inputMode="url"
        placeholder="https://"
        required
        value={url}
        error={messageFor(add.error, "/url")}
        onChange={(event) => setUrl(event.target.value)}
      />
      <FormErrors messages={formMessages(add.error, ["/url"])} />
      <Actions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" busy={add.isPending && "Adding the page"}>
          Add the page
        </Button>
      </Actions>
    </form>
  );
}
