import { Link } from "@tanstack/react-router";

const TAB =
  "inline-flex h-9 items-center border-b-2 border-transparent px-1 text-ink-2 hover:text-ink pointer-coarse:h-11 data-[status=active]:border-accent data-[status=active]:font-medium data-[status=active]:text-ink";

export function CheckInTabs() {
  return (
    <nav aria-label="Check-ins" className="mb-4 flex gap-5 border-b border-line">
      <Link to="/check-ins" activeOptions={{ exact: true }} className={TAB}>
        Written
      </Link>
      <Link to="/check-ins/decisions" activeOptions={{ includeSearch: false }} className={TAB}>
        Sent and held back
      </Link>
    </nav>
  );
}
