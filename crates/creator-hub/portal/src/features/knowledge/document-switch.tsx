import { useCan } from "@/api/account";
import { useChangeDocument } from "@/api/knowledge";
import type { Document } from "@/api/types";
import { after } from "@/lib/after";
import { notifyFailure } from "@/ui/notify-failure";
import { Switch } from "@/ui/switch";
import { notify } from "@/ui/toast";

/** Whether answers may use the document. Acts at once and can be undone. */
export function DocumentSwitch({ document }: { document: Document }) {
  const mayEdit = useCan("edit_knowledge");
  const change = useChangeDocument(document.id);
  function turn(enabled: boolean, undoable: boolean) {
    after(
      change.mutateAsync({ enabled }),
      () =>
        undoable &&
        notify(
          enabled
            ? `${document.title} is on: answers may quote it.`
            : `${document.title} is off: answers no longer use it.`,
          { undo: () => turn(!enabled, false) },
        ),
      notifyFailure,
    );
  }
  const shown = change.isPending ? (change.variables.enabled ?? document.enabled) : document.enabled;
  return (
    <Switch
      checked={shown}
      onChange={(enabled) => turn(enabled, true)}
      disabled={!mayEdit}
      label={`Answers may use ${document.title}`}
    />
  );
}
