import { useState } from "react";
import { useCan, useMe } from "@/api/account";
import { useChangeMember, useMembers, useRemoveMember } from "@/api/settings";
import type { Member, Role } from "@/api/types";
import { after } from "@/lib/after";
import { ROLE_NAMES, ROLE_WORDS } from "@/lib/roles";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { ConfirmName } from "@/ui/confirm-name";
import { Dialog } from "@/ui/dialog";
import { SelectField } from "@/ui/field";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { More } from "@/ui/more";
import { notifyFailure } from "@/ui/notify-failure";
import { Section, useTitle } from "@/ui/page";
import { Failure, NoRight, SkeletonRows } from "@/ui/states";
import { notify } from "@/ui/toast";
import { AddMember } from "./add-member";

export function TeamPage() {
  useTitle("Team");
  const mayEdit = useCan("team");
  if (!mayEdit) return <NoRight needs="admin" />;
  return <Team />;
}

function Team() {
  const members = useMembers();
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title="Team"
      lead="Who may open this portal, and what they may do."
      action={<Button onClick={() => setAdding(true)}>Add a member</Button>}
    >
      {members.isPending ? (
        <SkeletonRows what="your team" rows={3} />
      ) : members.isError && !members.items.length ? (
        <Failure error={members.error} what="your team" retry={() => members.refetch()} />
      ) : (
        <>
          <ul className="divide-y divide-line border-y border-line">
            {members.items.map((member) => (
              <Row key={member.id} member={member} />
            ))}
          </ul>
          <More query={members} what="members" />
        </>
      )}
      <dl className="mt-6 grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-ink-2">
        {(Object.keys(ROLE_NAMES) as Role[]).map((role) => (
          <div key={role} className="contents">
            <dt>{ROLE_NAMES[role]}</dt>
            <dd className="text-ink-3">{ROLE_WORDS[role]}</dd>
          </div>
        ))}
      </dl>
      <Dialog open={adding} onOpenChange={setAdding} title="Add a member">
        <AddMember onClose={() => setAdding(false)} />
      </Dialog>
    </Section>
  );
}

function Row({ member }: { member: Member }) {
  const me = useMe().member;
  const mayOwners = useCan("owners");
  const change = useChangeMember(member.id);
  const mine = me.id === member.id;
  const fixed = mine || (member.role === "owner" && !mayOwners);
  function setRole(role: Role) {
    const before = member.role;
    after(
      change.mutateAsync({ role }),
      () =>
        notify(`${member.name} is ${ROLE_NAMES[role].toLowerCase()} now.`, {
          undo: () => after(change.mutateAsync({ role: before }), () => {}, notifyFailure),
        }),
      notifyFailure,
    );
  }
  const roles = (Object.keys(ROLE_NAMES) as Role[]).filter(
    (role) => mayOwners || role !== "owner" || member.role === "owner",
  );
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-52">
        <p className="truncate font-medium">
          {member.name}
          {mine && <span className="ml-1.5 font-normal text-ink-3">you</span>}
        </p>
        <p className="truncate text-ink-3">{member.email}</p>
      </div>
      {member.disabled_at && <Badge tone="amber">Cannot log in</Badge>}
      {fixed ? (
        <span className="text-ink-2">{ROLE_NAMES[member.role]}</span>
      ) : (
        <>
          <SelectField
            label={`Role of ${member.name}`}
            hideLabel
            value={member.role}
            disabled={change.isPending}
            onChange={(event) => setRole(event.target.value as Role)}
            options={roles.map((role) => [role, ROLE_NAMES[role]] as const)}
          />
          <MemberMenu member={member} />
        </>
      )}
    </li>
  );
}

function MemberMenu({ member }: { member: Member }) {
  const [removing, setRemoving] = useState(false);
  const change = useChangeMember(member.id);
  const remove = useRemoveMember(member.id);
  const disable = (disabled: boolean) =>
    after(
      change.mutateAsync({ disabled }),
      () =>
        notify(disabled ? `${member.name} can no longer log in.` : `${member.name} can log in again.`, {
          undo: () => after(change.mutateAsync({ disabled: !disabled }), () => {}, notifyFailure),
        }),
      notifyFailure,
    );
  return (
    <>
      <Menu label={`More for ${member.name}`}>
        <MenuItem onSelect={() => disable(!member.disabled_at)}>
          {member.disabled_at ? "Let them log in again" : "Stop them logging in"}
        </MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => setRemoving(true)}>
          Remove from the team
        </MenuItem>
      </Menu>
      <ConfirmName
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove ${member.name}`}
        name={member.name}
        action="Remove the member"
        busy={remove.isPending && "Removing"}
        error={remove.error}
        onConfirm={() =>
          after(remove.mutateAsync(), () => {
            setRemoving(false);
            notify(`${member.name} is no longer on your team.`);
          })
        }
      >
        They are logged out everywhere at once. What they did stays in the audit log.
      </ConfirmName>
    </>
  );
}
