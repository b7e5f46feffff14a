import { Link } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";

export function BackToChannels() {
  return (
    <Link to="/channels" className="mb-3 inline-flex items-center gap-1 text-ink-2 hover:text-ink">
      <ChevronLeft size={16} aria-hidden />
      Channels
    </Link>
  );
}
