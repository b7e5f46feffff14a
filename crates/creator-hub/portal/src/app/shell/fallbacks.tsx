import { Link, useRouter } from "@tanstack/react-router";
import { buttonClass } from "@/ui/button";
import { useTitle } from "@/ui/page";
import { Failure, Skeleton } from "@/ui/states";

/** While a page's script is on its way. */
export function Loading() {
  return (
    <div role="status" className="mx-auto w-full max-w-280 px-4 pt-6 sm:px-8 sm:pt-8">
      <span className="sr-only">Opening the page</span>
      <Skeleton className="h-8 w-56" />
      <Skeleton className="mt-3 h-4 w-80 max-w-full" />
      <Skeleton className="mt-8 h-64 w-full" />
    </div>
  );
}

/** No such address. */
export function Lost() {
  useTitle("Not found");
  return (
    <div className="mx-auto w-full max-w-280 px-4 py-16 sm:px-8">
      <h1 className="page-title">There is no such page</h1>
      <p className="mt-2 mb-5 text-ink-2">The address may be mistyped, or the page has moved.</p>
      <Link to="/" className={buttonClass("primary")}>
        Go to Home
      </Link>
    </div>
  );
}

/** Before anything could be shown: the server did not say who is reading. */
export function Unreachable({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  return (
    <main className="mx-auto w-full max-w-160 px-4 py-16">
      <p className="mb-6 font-serif text-lg font-medium">Coxswain</p>
      <Failure
        error={error}
        what="your account"
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </main>
  );
}
