import { Button } from "./button";

interface MoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  what: string;
}

/** The end of a cursor-paged list. */
export function More({ query, what }: MoreProps) {
  if (!query.hasNextPage) return null;
  return (
    <div className="mt-4 flex justify-center">
      <Button busy={query.isFetchingNextPage && `Reading more ${what}`} onClick={() => query.fetchNextPage()}>
        Show more {what}
      </Button>
    </div>
  );
}
