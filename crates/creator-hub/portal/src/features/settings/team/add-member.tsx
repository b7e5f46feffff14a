import { type FormEvent, useState } from "react";
import { useCan } from "@/api/account";
import { asFailure, messageFor } from "@/api/problem";
import { useAddMember } from "@/api/settings";
import type { Role } from "@/api/types";
import { after } from "@/lib/after";
import { ROLE_NAMES } from "@/lib/roles";
import { Button } from "@/ui/button";
import { Actions } from "@/ui/dialog";
import { FormErrors, SelectField, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { notify } from "@/ui/toast";

const SHORTEST_PASSWORD = 12;
const SHOWN = ["/name", "/email", "/password", "/role"];

export function AddMember({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState({ name: "", email: "", password: "", role: "editor" as Role });
  const add = useAddMember();
  const mayOwners = useCan("owners");
  const { error } = add;
  const taken = error && asFailure(error).code === "email_taken";
  function submit(event: FormEvent) {
    event.preventDefault();
    after(add.mutateAsync(form), (member) => {
      onClose();
      notify(`${member.name} can log in now. Tell them the password you set.`);
    });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        required
        value={form.name}
        error={messageFor(error, "/name")}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
      />
      <TextField
        label="Email"
        type="email"
        autoComplete="off"
        required
        value={form.email}
        error={taken ? "There is an account with this email already." : messageFor(error, "/email")}
        onChange={(event) => setForm({ ...form, email: event.target.value })}
      />
      <TextField
        label="First password"
        hint={`At least ${SHORTEST_PASSWORD} characters. You tell it to them; no mail is sent.`}
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
        value={form.password}
        error={messageFor(error, "/password")}
        onChange={(event) => setForm({ ...form, password: event.target.value })}
      />
      <SelectField
        label="Role"
        value={form.role}
        error={messageFor(error, "/role")}
        onChange={(event) => setForm({ ...form, role: event.target.value as Role })}
        options={(Object.keys(ROLE_NAMES) as Role[])
          .filter((role) => mayOwners || role !== "owner")
          .map((role) => [role, ROLE_NAMES[role]] as const)}
      />
      <FormErrors messages={taken ? [] : formMessages(error, SHOWN)} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={add.isPending && "Adding"}>
          Add the member
        </Button>
      </Actions>
    </form>
  );
}
