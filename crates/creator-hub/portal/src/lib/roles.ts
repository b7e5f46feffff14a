import type { Role } from "@/api/types";

/** What a member may do; the server decides, this only spares them buttons that would fail. */
export type Right =
  | "edit_knowledge"
  | "edit_check_ins"
  | "answer"
  | "channels"
  | "settings"
  | "team"
  | "keys"
  | "webhooks"
  | "audit"
  | "erase"
  | "owners";

const NEEDS: Record<Right, Role> = {
  edit_knowledge: "editor",
  edit_check_ins: "editor",
  answer: "editor",
  channels: "admin",
  settings: "admin",
  team: "admin",
  keys: "admin",
  webhooks: "admin",
  audit: "admin",
  erase: "admin",
  owners: "owner",
};

const RANK: Record<Role, number> = { viewer: 0, editor: 1, admin: 2, owner: 3 };

export function can(role: Role, right: Right): boolean {
  return RANK[role] >= RANK[NEEDS[right]];
}

/** The lowest role that has the right. */
export const roleFor = (right: Right): Role => NEEDS[right];

export const ROLE_NAMES: Record<Role, string> = {
  owner: "Owner",
  admin: "Admin",
  editor: "Editor",
  viewer: "Viewer",
};

export const ROLE_WORDS: Record<Role, string> = {
  owner: "Everything, including other owners",
  admin: "Channels, settings, team, keys, webhooks, audit log",
  editor: "Knowledge, check-ins, and answering in the inbox",
  viewer: "Reads everything and may use Test chat",
};
