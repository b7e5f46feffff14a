import { uuid } from "@/lib/uuid";
import { failureOf, type RequestFailed, unreachable } from "./problem";
import { renewSession, sessionLost } from "./session";
import type { Document } from "./types";

interface Upload {
  path: string;
  file: File;
  fields: Record<string, string>;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

/** Sends a file with its progress. `fetch` cannot report what it has sent, so this is XMLHttpRequest. */
export async function upload(job: Upload): Promise<Document> {
  const key = uuid();
  try {
    return await send(job, key);
  } catch (error) {
    if ((error as RequestFailed).status !== 401) throw error;
    if (await renewSession()) return send(job, key);
    sessionLost();
    throw error;
  }
}

function send({ path, file, fields, onProgress, signal }: Upload, key: string): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-Requested-With", "coxswain");
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer as Document);
      else reject(failureOf(asResponse(request), answer));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    // The text fields come first: the server streams the file and must know where it belongs.
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", file, file.name);
    request.send(form);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function asResponse(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["retry-after", "x-request-id"]) {
    const value = request.getResponseHeader(name);
    if (value) headers.set(name, value);
  }
  return new Response(null, { status: request.status < 200 ? 500 : request.status, headers });
}
