/**
 * Storage that never throws. Inside a frame it is partitioned by the host page; where a browser forbids it
 * altogether, a map in memory keeps the conversation going until the page is left.
 */
export interface Store {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
}

export function openStore(backing: () => Storage = () => window.localStorage): Store {
  const memory = new Map<string, string>();
  return {
    get(key) {
      try {
        return backing().getItem(key) ?? memory.get(key) ?? null;
      } catch {
        return memory.get(key) ?? null;
      }
    },
    set(key, value) {
      if (value === null) memory.delete(key);
      else memory.set(key, value);
      try {
        if (value === null) backing().removeItem(key);
        else backing().setItem(key, value);
      } catch {
        // Kept in memory above.
      }
    },
  };
}
