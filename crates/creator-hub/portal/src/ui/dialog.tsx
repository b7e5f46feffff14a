import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";
import { IconButton } from "./button";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** A sentence read out with the title; leave it out when the body says it all. */
  description?: ReactNode;
  children: ReactNode;
  /** "side" slides in from the reading end and keeps the page visible. */
  shape?: "middle" | "side";
  wide?: boolean;
}

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  shape = "middle",
  wide,
}: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Radix.Content
          onOpenAutoFocus={focusFirstField}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed z-50 flex flex-col border border-line bg-raised shadow-float",
            shape === "side"
              ? "inset-y-0 right-0 w-full max-w-140 animate-slide overflow-y-auto p-5 sm:border-l"
              : cx(
                  "top-1/2 left-1/2 max-h-[90dvh] w-[calc(100vw-1.5rem)] -translate-1/2 animate-fade overflow-y-auto rounded-md p-5",
                  wide ? "max-w-160" : "max-w-112",
                ),
          )}
        >
          <div className="mb-3 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <Radix.Title className="font-serif text-lg leading-7 font-medium break-words">
                {title}
              </Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-sm text-ink-2">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" className="-mt-1 -mr-2">
                <X size={18} aria-hidden />
              </IconButton>
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A form begins at its first field; anything else keeps Radix's choice, the first thing in it. */
function focusFirstField(event: Event) {
  const content = event.target as HTMLElement;
  const field = content.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select");
  if (!field) return;
  event.preventDefault();
  field.focus();
}

/** The row of buttons that ends a dialog or a form. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap items-center justify-end gap-2">{children}</div>;
}
