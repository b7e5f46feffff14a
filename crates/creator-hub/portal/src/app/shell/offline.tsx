import { useSyncExternalStore } from "react";

function subscribe(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export function OfflineBar() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status">
      {!online && (
        <p className="border-b border-line bg-amber-soft px-4 py-2 text-center text-sm text-amber">
          You are offline. What you see may be out of date; changes wait until you are back.
        </p>
      )}
    </div>
  );
}
