/** The client's files: chosen, on their way, kept until they are sent, and shown again. */
import { type Api, ApiError } from "./api";
import type { Keep } from "./keep";
import { kindOf, LARGEST, MOST } from "./kinds";
import type { Attachment, AttachmentKind, ChosenFile } from "./types";

/** Why a file cannot be sent. */
export type Refusal = "kind" | "large" | "many" | "empty" | "gone";

/** How far a file has come. */
export interface Upload extends ChosenFile {
  /** `waiting`: the server could not be reached; it is tried again. */
  state: "sending" | "waiting" | "ready" | "refused";
  /** From 0 to 1. */
  progress: number;
  refusal?: Refusal;
}

export interface FilesState {
  /** What the next message will carry. */
  tray: readonly Upload[];
  /** Everything on its way, by id. */
  uploads: Readonly<Record<string, Upload>>;
  /** The last file that was refused before it was tried. */
  refused: { name: string; why: Refusal } | null;
}

export const NO_FILES: FilesState = { tray: [], uploads: {}, refused: null };

interface Deps {
  api: Pick<Api, "upload" | "discard" | "attachment">;
  keep: Keep;
  /** Makes sure there is a session to send with. */
  ensure(): Promise<void>;
  changed(state: FilesState): void;
}

/** What the panel does with files. */
export type FileShelf = Pick<Files, "attach" | "detach" | "picture" | "fetch">;

interface Running {
  done: Promise<void>;
  abort: AbortController;
}

const REFUSALS: Record<number, Refusal> = { 403: "kind", 413: "large", 415: "kind", 422: "empty" };

/** What a failed try means: why the file can never be sent, or nothing when it may work later. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === "switched_off" || error.code.startsWith("identity_")) return undefined;
  return error.code === "too_many_files" ? "many" : REFUSALS[error.status];
}

export class Files {
  #uploads = new Map<string, Upload>();
  #tray: string[] = [];
  #refused: FilesState["refused"] = null;
  readonly #blobs = new Map<string, Blob>();
  readonly #running = new Map<string, Running>();
  readonly #pictures = new Map<string, Promise<string>>();
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Takes files up and begins to send them. What cannot be sent is said, and left. */
  attach(files: Iterable<File>, kinds: readonly AttachmentKind[]): void {
    this.#refused = null;
    for (const file of files) {
      const kind = kindOf(file);
      const why = this.#refusal(file, kind, kinds);
      if (why) {
        this.#refused = { name: file.name, why };
        continue;
      }
      const id = crypto.randomUUID();
      this.#blobs.set(id, file);
      const { name, size: bytes } = file;
      this.#uploads.set(id, { id, name, kind, bytes, state: "sending", progress: 0 });
      this.#tray.push(id);
      void this.deliver({ id, name, kind, bytes }).catch(() => undefined);
    }
    this.#tell();
  }

  #refusal(file: File, kind: AttachmentKind, kinds: readonly AttachmentKind[]): Refusal | null {
    if (!kinds.includes(kind)) return "kind";
    if (file.size > LARGEST) return "large";
    if (file.size === 0) return "empty";
    return this.#tray.length >= MOST ? "many" : null;
  }

  /** Takes a file back before it is sent. */
  detach(id: string): void {
    const known = this.#uploads.get(id);
    this.#running.get(id)?.abort.abort();
    this.#tray = this.#tray.filter((other) => other !== id);
    this.#drop(id);
    this.#refused = null;
    if (known?.state === "ready") void this.#deps.api.discard(id).catch(() => undefined);
    this.#tell();
  }

  /** What the next message carries from now on belongs to that message. */
  take(): ChosenFile[] {
    if (this.#tray.length === 0 && this.#refused === null) return [];
    const taken = this.#tray.flatMap((id) => {
      const upload = this.#uploads.get(id);
      return upload && upload.state !== "refused" ? [upload] : [];
    });
    const ids = new Set(taken.map(({ id }) => id));
    this.#tray = this.#tray.filter((id) => !ids.has(id));
    this.#refused = null;
    for (const id of ids) {
      const blob = this.#blobs.get(id);
      if (blob) void this.#deps.keep.put(id, blob);
    }
    this.#tell();
    return taken.map(({ id, name, kind, bytes }) => ({ id, name, kind, bytes }));
  }

  /** Resolves once the server has the file. Throws an {@link ApiError} when it may work later, a refusal when not. */
  deliver(file: ChosenFile): Promise<void> {
    const running = this.#running.get(file.id);
    if (running) return running.done;
    if (this.#uploads.get(file.id)?.state === "ready") return Promise.resolve();
    const abort = new AbortController();
    const done = this.#send(file, abort.signal).finally(() => this.#running.delete(file.id));
    this.#running.set(file.id, { done, abort });
    return done;
  }

  async #send(file: ChosenFile, signal: AbortSignal): Promise<void> {
    const { id, name } = file;
    this.#update({ ...file, state: "sending", progress: 0 });
    try {
      const blob = this.#blobs.get(id) ?? (await this.#deps.keep.get(id));
      if (!blob) throw new FileRefused(name, "gone");
      this.#blobs.set(id, blob);
      await this.#deps.ensure();
      await this.#deps.api.upload(id, blob, name, signal, (progress) => {
        this.#update({ ...file, state: "sending", progress });
      });
      this.#update({ ...file, state: "ready", progress: 1 });
    } catch (error) {
      if (signal.aborted) throw error;
      const refusal = error instanceof FileRefused ? error.why : refusalOf(error);
      this.#update({
        ...file,
        state: refusal ? "refused" : "waiting",
        progress: 0,
        ...(refusal ? { refusal } : {}),
      });
      throw refusal ? new FileRefused(name, refusal) : error;
    }
  }

  /** Tries again what waits for the connection. */
  retry(): void {
    for (const id of this.#tray) {
      const upload = this.#uploads.get(id);
      if (upload?.state === "waiting") void this.deliver(upload).catch(() => undefined);
    }
  }

  /** The session is another one: what the old one was given has to be given again, under another id. */
  renew(files: readonly ChosenFile[]): ChosenFile[] {
    return files.map((file) => {
      const blob = this.#blobs.get(file.id);
      if (!blob || this.#uploads.get(file.id)?.state !== "ready") return file;
      const id = crypto.randomUUID();
      this.#blobs.set(id, blob);
      void this.#deps.keep.put(id, blob);
      this.#drop(file.id);
      return { ...file, id };
    });
  }

  /** The server has these in a message: a picture is shown from what is here. */
  sent(files: readonly ChosenFile[]): void {
    if (files.length === 0) return;
    for (const { id, kind } of files) {
      const blob = this.#blobs.get(id);
      if (blob && kind === "image") this.#pictures.set(id, Promise.resolve(URL.createObjectURL(blob)));
      this.#drop(id);
    }
    this.#tell();
  }

  /** These will not be sent. */
  abandon(files: readonly ChosenFile[]): void {
    if (files.length === 0) return;
    for (const { id } of files) {
      this.#running.get(id)?.abort.abort();
      this.#drop(id);
    }
    this.#tell();
  }

  /** Nothing of whoever was here stays. */
  clear(): void {
    for (const { abort } of this.#running.values()) abort.abort();
    for (const id of [...this.#uploads.keys()]) this.#drop(id);
    for (const address of this.#pictures.values()) void address.then((url) => URL.revokeObjectURL(url));
    this.#pictures.clear();
    this.#tray = [];
    this.#refused = null;
    this.#tell();
  }

  /** The address of a picture, of one that is still here or one the server has. */
  picture(id: string): Promise<string> {
    const known = this.#pictures.get(id);
    if (known) return known;
    const blob = this.#blobs.get(id);
    const address = (blob ? Promise.resolve(blob) : this.#deps.api.attachment(id)).then((found) =>
      URL.createObjectURL(found),
    );
    this.#pictures.set(id, address);
    address.catch(() => this.#pictures.delete(id));
    return address;
  }

  /** A file that was sent, to be saved. */
  fetch({ id }: Attachment): Promise<Blob> {
    return this.#deps.api.attachment(id);
  }

  #drop(id: string): void {
    this.#uploads.delete(id);
    this.#blobs.delete(id);
    void this.#deps.keep.remove(id);
  }

  #update(upload: Upload): void {
    this.#uploads.set(upload.id, upload);
    this.#tell();
  }

  #tell(): void {
    const tray = this.#tray.flatMap((id) => this.#uploads.get(id) ?? []);
    this.#deps.changed({ tray, uploads: Object.fromEntries(this.#uploads), refused: this.#refused });
  }
}

/** The server will never take this file. */
export class FileRefused extends Error {
  constructor(
    readonly file: string,
    readonly why: Refusal,
  ) {
    super(`${file}: ${why}`);
  }
}
