import type { ReactNode } from "react";
import { Button } from "@/ui/button";
import { CodeLine } from "@/ui/copy";
import { Actions } from "@/ui/dialog";

/** A signing secret, this once. */
export function Secret({
  secret,
  children,
  onClose,
}: {
  secret: string;
  children: ReactNode;
  onClose: () => void;
}) {
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">{children}</p>
      <CodeLine text={secret} what="the secret" />
      <Actions>
        <Button variant="primary" onClick={onClose}>
          I have copied it
        </Button>
      </Actions>
    </div>
  );
}
