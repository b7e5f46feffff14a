import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "@/api/account";
import { checkInQuery, useChangeCheckIn, useDeleteCheckIn } from "@/api/check-ins";
import type { CheckIn } from "@/api/types";
import { after } from "@/lib/after";
import { Button, buttonClass } from "@/ui/button";
import { ConfirmName } from "@/ui/confirm-name";
import { Page } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";
import { notify } from "@/ui/toast";
import { BackToCheckIns } from "./back-to-check-ins";
import { CheckInForm } from "./check-in-form";
import { WhoAgreed } from "./who-agreed";

export function CheckInPage() {
  const { id } = useParams({ from: "/inside/check-ins/$id" });
  const checkIn = useQuery(checkInQuery(id));
  if (checkIn.data) return <Known checkIn={checkIn.data} />;
  return (
    <Page title="Check-in" width="form" above={<BackToCheckIns />}>
      {checkIn.isError ? (
        <Failure error={checkIn.error} what="this check-in" retry={() => checkIn.refetch()} />
      ) : (
        <SkeletonRows what="the check-in" rows={4} />
      )}
    </Page>
  );
}

function Known({ checkIn }: { checkIn: CheckIn }) {
  const mayEdit = useCan("edit_check_ins");
  const change = useChangeCheckIn(checkIn);
  const router = useRouter();
  const back = () => void router.navigate({ to: "/check-ins" });
  return (
    <Page
      title="Check-in"
      width="form"
      above={<BackToCheckIns />}
      action={
        <>
          <Link to="/check-ins/decisions" search={{ check_in: checkIn.id }} className={buttonClass()}>
            Sent and held back
          </Link>
          {mayEdit && <DeleteButton checkIn={checkIn} onDeleted={back} />}
        </>
      }
    >
      <CheckInForm
        key={checkIn.version}
        initial={{
          text: checkIn.text,
          weekdays: checkIn.weekdays,
          local_time: checkIn.local_time,
          enabled: checkIn.enabled,
        }}
        action="Save the check-in"
        busy={change.isPending}
        error={change.error}
        mayEdit={mayEdit}
        onCancel={back}
        onSave={(form) =>
          after(change.mutateAsync(form), () => {
            notify("Saved. The next one goes out as it is now.");
            back();
          })
        }
      />
      <WhoAgreed />
    </Page>
  );
}

function DeleteButton({ checkIn, onDeleted }: { checkIn: CheckIn; onDeleted: () => void }) {
  const [open, setOpen] = useState(false);
  const remove = useDeleteCheckIn(checkIn.id);
  const firstWords = checkIn.text.trim().split(/\s+/).slice(0, 3).join(" ");
  return (
    <>
      <Button variant="quiet" onClick={() => setOpen(true)}>
        Delete
      </Button>
      <ConfirmName
        open={open}
        onOpenChange={setOpen}
        title="Delete this check-in"
        name={firstWords}
        action="Delete the check-in"
        busy={remove.isPending && "Deleting"}
        error={remove.error}
        onConfirm={() =>
          after(remove.mutateAsync(), () => {
            notify("The check-in is deleted.");
            onDeleted();
          })
        }
      >
        It is never sent again. What was sent stays in the conversations. To pause it, switch it off in the
        list.
      </ConfirmName>
    </>
  );
}
