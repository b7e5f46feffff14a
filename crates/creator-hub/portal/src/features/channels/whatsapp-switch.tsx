import { useMe } from "@/api/account";
import { useChangeSettings } from "@/api/settings";
import { after } from "@/lib/after";
import { notifyFailure } from "@/ui/notify-failure";
import { Switch } from "@/ui/switch";
import { notify } from "@/ui/toast";

/** Turns WhatsApp off for all of the creator's numbers, and says what that means before and after. */
export function WhatsappSwitch({ mayEdit }: { mayEdit: boolean }) {
  const { creator } = useMe();
  const change = useChangeSettings(creator);
  const on = creator.settings.whatsapp;
  const shown = change.isPending ? (change.variables.whatsapp ?? on) : on;

  function turn(whatsapp: boolean) {
    after(
      change.mutateAsync({ whatsapp }),
      () =>
        notify(
          whatsapp
            ? "WhatsApp is on: clients are answered there."
            : "WhatsApp is off: nobody is answered there any more. What clients write is kept.",
        ),
      notifyFailure,
    );
  }
  return (
    <div className="mb-4 border-y border-line py-3">
      <div className="flex items-center gap-3">
        <span className="min-w-0 flex-1 font-medium">{shown ? "Answers clients" : "Answers nobody"}</span>
        <Switch
          checked={shown}
          onChange={turn}
          disabled={!mayEdit || change.isPending}
          label="WhatsApp is on"
        />
      </div>
      <p className="mt-1 text-ink-3">
        {shown
          ? "Meta allows assistants for your own business only, not for everything. Switched off, answers and check-ins stop on all your numbers at once."
          : "What clients write is kept, and your team can read it and write back by hand. Once a day a line tells a client where else you answer. Check-ins take another channel of theirs, or are held back."}
      </p>
    </div>
  );
}
