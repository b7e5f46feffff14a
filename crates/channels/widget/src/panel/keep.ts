/** Where files wait that could not be sent yet, over a reload. Where a browser forbids that, only in memory. */
export interface Keep {
  put(id: string, file: Blob): Promise<void>;
  get(id: string): Promise<Blob | null>;
  remove(id: string): Promise<void>;
}

const STORE = "files";

export function openKeep(name = "coxswain"): Keep {
  const memory = new Map<string, Blob>();
  let opening: Promise<IDBDatabase> | undefined;
  const database = () => {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
    return opening;
  };
  const run = async <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>) => {
    const store = (await database()).transaction(STORE, mode).objectStore(STORE);
    return new Promise<T>((resolve, reject) => {
      const request = act(store);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  };
  return {
    async put(id, file) {
      memory.set(id, file);
      await run("readwrite", (store) => store.put(file, id)).catch(() => undefined);
    },
    async get(id) {
      const known = memory.get(id);
      if (known) return known;
      const kept: unknown = await run("readonly", (store) => store.get(id)).catch(() => null);
      return kept instanceof Blob ? kept : null;
    },
    async remove(id) {
      memory.delete(id);
      await run("readwrite", (store) => store.delete(id)).catch(() => undefined);
    },
  };
}
