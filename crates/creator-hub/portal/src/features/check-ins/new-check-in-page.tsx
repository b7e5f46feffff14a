import { useRouter } from "@tanstack/react-router";
import { useCan } from "@/api/account";
import { useMakeCheckIn } from "@/api/check-ins";
import { after } from "@/lib/after";
import { Page } from "@/ui/page";
import { NoRight } from "@/ui/states";
import { notify } from "@/ui/toast";
import { BackToCheckIns } from "./back-to-check-ins";
import { CheckInForm } from "./check-in-form";

export function NewCheckInPage() {
  const mayEdit = useCan("edit_check_ins");
  const make = useMakeCheckIn();
  const router = useRouter();
  const back = () => void router.navigate({ to: "/check-ins" });
  return (
    <Page title="New check-in" width="form" above={<BackToCheckIns />}>
      {mayEdit ? (
        <CheckInForm
          initial={{ text: "", weekdays: ["mon"], local_time: "09:00", enabled: true }}
          action="Start this check-in"
          busy={make.isPending}
          error={make.error}
          mayEdit
          onCancel={back}
          onSave={(form) =>
            after(make.mutateAsync(form), () => {
              notify("The check-in is on. It goes to clients who agreed.");
              back();
            })
          }
        />
      ) : (
        <NoRight needs="editor" />
      )}
    </Page>
  );
}
