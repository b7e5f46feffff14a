import { type FormEvent, useState } from "react";
import { useReplayFailed } from "@/api/webhooks";
import { after } from "@/lib/after";
import { count } from "@/lib/count";
import { Button } from "@/ui/button";
import { Actions, Dialog } from "@/ui/dialog";
import { FormErrors, SelectField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";

const HOUR_MS = 3_600_000;
const SPANS = [
  [1, "The last hour"],
  [24, "The last 24 hours"],
  [7 * 24, "The last 7 days"],
  [30 * 24, "The last 30 days"],
] as const;

interface ReplayFailedProps {
  id: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Asks since when, and posts again what failed. */
export function ReplayFailed({ id, open, onOpenChange }: ReplayFailedProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Post failed deliveries again">
      <Asking id={id} onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Asking({ id, onClose }: { id: string; onClose: () => void }) {
  const [hours, setHours] = useState<number>(24);
  const replay = useReplayFailed(id);
  function submit(event: FormEvent) {
    event.preventDefault();
    after(replay.mutateAsync(new Date(Date.now() - hours * HOUR_MS).toISOString()), ({ replayed }) => {
      onClose();
      notify(
        replayed
          ? `${count(replayed, "delivery is", "deliveries are")} being posted again.`
          : "Nothing failed in that time.",
      );
    });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-ink-2">
        For when your program was away. Each event keeps its id, so a program that remembers ids handles
        nothing twice.
      </p>
      <SelectField
        label="What failed and happened in"
        value={String(hours)}
        onChange={(event) => setHours(Number(event.target.value))}
        options={SPANS.map(([value, words]) => [String(value), words] as const)}
      />
      <FormErrors messages={formMessages(replay.error)} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={replay.isPending && "Posting"}>
          Post them again
        </Button>
      </Actions>
    </form>
  );
}
