/** Parts read at once; the most the API gives. */
export const WINDOW = 100;

interface Numbered {
  /** Its place in the version. */
  number: number;
  page: number | null;
}

interface Stretch<T> {
  items: T[];
  next_cursor?: string | null;
}

/**
 * The parts of page `page` without reading all that come before. Parts are numbered through the
 * version and their pages only ever rise, but a page without text has no part and a page may have
 * several, so the number is only a first guess. `read` gives the parts after number `cursor`.
 */
export async function findPage<T extends Numbered>(
  page: number,
  read: (cursor: number | undefined) => Promise<Stretch<T>>,
): Promise<T[]> {
  let cursor = Math.floor((page - 1) / WINDOW) * WINDOW;
  let previous: number | null = null;
  for (;;) {
    const { items, next_cursor } = await read(cursor || undefined);
    const first = items[0];
    const tooLate = !first || (first.page ?? 0) > page || (first.page === page && first.number > 1);
    // Going back after having gone forward would turn in circles: the page lies between two stretches.
    if (tooLate && cursor > 0 && (previous === null || cursor < previous)) {
      previous = cursor;
      cursor = Math.max(0, cursor - WINDOW);
      continue;
    }
    const found = items.filter((part) => part.page === page);
    const last = items.at(-1);
    if (!last || !next_cursor || (last.page ?? 0) > page) return found;
    if (found.length) return [...found, ...(await following(page, Number(next_cursor), read))];
    previous = cursor;
    cursor = Number(next_cursor);
  }
}

/** The rest of a page that a stretch has cut through. */
async function following<T extends Numbered>(
  page: number,
  cursor: number,
  read: (cursor: number | undefined) => Promise<Stretch<T>>,
): Promise<T[]> {
  const { items, next_cursor } = await read(cursor);
  const found = items.filter((part) => part.page === page);
  if (found.length < items.length || !next_cursor) return found;
  return [...found, ...(await following(page, Number(next_cursor), read))];
}
