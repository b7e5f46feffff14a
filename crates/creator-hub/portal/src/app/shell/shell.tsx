import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useDocumentEvents } from "@/api/document-events";
import { useInboxEvents } from "@/api/inbox-events";
import { UploadTray } from "@/features/uploads/upload-tray";
import { useHotkeys } from "@/lib/hotkeys";
import { Toasts } from "@/ui/toast";
import { PLACES } from "../nav";
import { BottomBar } from "./bottom-bar";
import { KeysHelp } from "./keys-help";
import { OfflineBar } from "./offline";
import { Rail } from "./rail";

const Palette = lazy(() => import("./palette"));

/** What surrounds every page of a signed-in member. */
export function Shell() {
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const router = useRouter();
  useDocumentEvents();
  useInboxEvents();
  useHotkeys({
    "mod+k": () => setPalette(true),
    "?": () => setKeys(true),
    "/": () => document.querySelector<HTMLElement>("[data-page-search]")?.focus(),
    ...Object.fromEntries(PLACES.map(({ key, to }) => [`g ${key}`, () => void router.navigate({ to })])),
  });
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-60 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      <Rail openPalette={() => setPalette(true)} />
      <Main />
      <BottomBar openPalette={() => setPalette(true)} />
      <UploadTray />
      <Toasts />
      <KeysHelp open={keys} onOpenChange={setKeys} />
      {palette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} openKeys={() => setKeys(true)} />
        </Suspense>
      )}
    </div>
  );
}

/** The page itself; focus moves here when the page changes, so that a screen reader follows. */
function Main() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current !== pathname) main.current?.focus({ preventScroll: true });
    before.current = pathname;
  }, [pathname]);
  return (
    <main id="main" ref={main} tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
      <OfflineBar />
      <Outlet />
    </main>
  );
}
