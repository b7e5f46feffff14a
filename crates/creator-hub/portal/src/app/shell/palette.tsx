import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import { useDeferredValue, useState } from "react";
import { useCan } from "@/api/account";
import { api, body } from "@/api/client";
import { PLACES } from "../nav";
import { setTheme } from "../theme";

const ROW =
  "flex min-h-9 cursor-pointer items-center gap-3 rounded-sm px-3 py-1.5 data-[selected=true]:bg-hover pointer-coarse:min-h-11";
const GROUP =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3";

/** Finds a page, a document or an action; loaded when first opened. */
export default function Palette({ onClose, openKeys }: { onClose: () => void; openKeys: () => void }) {
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const router = useRouter();
  const mayEdit = useCan("edit_knowledge");
  const documents = useQuery({
    queryKey: ["palette", q],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/documents", { params: { query: { q, limit: 8 } }, signal })),
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  });
  function go(act: () => unknown) {
    onClose();
    void act();
  }
  const actions: [string, () => unknown][] = [
    ["Show who waits for a person", () => router.navigate({ to: "/inbox", search: { state: "waiting" } })],
    ["Ask a test question", () => router.navigate({ to: "/chat" })],
    ...(mayEdit
      ? ([
          ["Add documents", () => router.navigate({ to: "/knowledge" })],
          ["Write a check-in", () => router.navigate({ to: "/check-ins/new" })],
        ] as [string, () => unknown][])
      : []),
    ["Team", () => router.navigate({ to: "/settings/team" })],
    ["API keys", () => router.navigate({ to: "/settings/keys" })],
    ["Webhooks", () => router.navigate({ to: "/settings/webhooks" })],
    ["Audit log", () => router.navigate({ to: "/settings/audit" })],
    ["Your notices", () => router.navigate({ to: "/settings/notices" })],
    ["Models", () => router.navigate({ to: "/settings/models" })],
    ["Use the light theme", () => setTheme("light")],
    ["Use the dark theme", () => setTheme("dark")],
    ["Show the keys", openKeys],
  ];
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-50 w-[calc(100vw-1.5rem)] max-w-140 -translate-x-1/2 animate-fade overflow-hidden rounded-md border border-line bg-raised shadow-float"
        >
          <Dialog.Title className="sr-only">Find anything</Dialog.Title>
          <Command label="Find anything">
            <Command.Input
              value={typed}
              onValueChange={setTyped}
              placeholder="Find a page, a document or an action"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-ink-3"
            />
            <Command.List className="max-h-[50dvh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-ink-2">Nothing is called that.</Command.Empty>
              <Command.Group heading="Pages" className={GROUP}>
                {PLACES.map(({ to, name, icon: Icon }) => (
                  <Command.Item
                    key={to}
                    value={name}
                    className={ROW}
                    onSelect={() => go(() => router.navigate({ to }))}
                  >
                    <Icon size={16} aria-hidden className="text-ink-3" />
                    {name}
                  </Command.Item>
                ))}
              </Command.Group>
              {q.length > 1 && (
                <Command.Group heading="Documents" className={GROUP}>
                  {documents.data?.items.map((document) => (
                    <Command.Item
                      key={document.id}
                      // The server chose by its own search; the typed words keep cmdk from hiding its choice.
                      value={`${document.title} ${typed} ${document.id}`}
                      className={ROW}
                      onSelect={() =>
                        go(() =>
                          router.navigate({ to: "/knowledge/documents/$id", params: { id: document.id } }),
                        )
                      }
                    >
                      <span className="truncate">{document.title}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              <Command.Group heading="Actions" className={GROUP}>
                {actions.map(([name, act]) => (
                  <Command.Item key={name} value={name} className={ROW} onSelect={() => go(act)}>
                    {name}
                  </Command.Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
