/** Short names for the generated schema types. Nothing here describes the API by hand. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ApiKey = Schemas["ApiKey"];
export type AuditEntry = Schemas["AuditEntry"];
export type ChannelAccount = Schemas["ChannelAccount"];
export type CheckIn = Schemas["CheckIn"];
export type Citation = Schemas["Citation"];
export type Component = Schemas["Component"];
export type Conversation = Schemas["Conversation"];
export type Creator = Schemas["Creator"];
export type CreatorSettings = Schemas["CreatorSettings"];
export type Decision = Schemas["Decision"];
export type Document = Schemas["Document"];
export type DocumentVersion = Schemas["DocumentVersion"];
export type Folder = Schemas["Folder"];
export type Gap = Schemas["Gap"];
export type Home = Schemas["Home"];
export type KnowledgeBase = Schemas["KnowledgeBase"];
export type Me = Schemas["Me"];
export type Member = Schemas["Member"];
export type Message = Schemas["Message"];
export type Models = Schemas["Models"];
export type Part = Schemas["Part"];
export type Passage = Schemas["TracePassage"];
export type Problem = Schemas["Problem"];
export type Role = Schemas["Role"];
export type Scope = Schemas["Scope"];
export type Stage = Schemas["Stage"];
export type Weekday = Schemas["Weekday"];
export type WidgetSettings = Schemas["WidgetSettings"];
export type Why = Schemas["Why"];
