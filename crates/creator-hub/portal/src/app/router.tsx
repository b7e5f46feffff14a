import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { meQuery } from "@/api/account";
import { RequestFailed } from "@/api/problem";
import { LogInPage } from "@/features/auth/log-in-page";
import { SignUpPage } from "@/features/auth/sign-up-page";
import { Broken } from "@/ui/states";
import { queryClient } from "./query-client";
import {
  audits,
  chats,
  decisions,
  documents,
  inbox,
  knowledge,
  logIns,
  messengers,
  webhooks,
} from "./search";
import { Loading, Lost, Unreachable } from "./shell/fallbacks";
import { Shell } from "./shell/shell";

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: Lost,
  errorComponent: Unreachable,
});

const logIn = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: logIns,
  component: LogInPage,
});

const signUp = createRoute({ getParentRoute: () => root, path: "/sign-up", component: SignUpPage });

/** Everything behind the session: no page is shown before it is known who is reading. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 401) {
        throw redirect({ to: "/login", search: location.href === "/" ? {} : { back: location.href } });
      }
      throw error;
    }
  },
  component: Shell,
  notFoundComponent: Lost,
});

const page = <Path extends string>(path: Path) => ({ getParentRoute: () => inside, path }) as const;

const home = createRoute({
  ...page("/"),
  component: lazyRouteComponent(() => import("@/features/home/home-page"), "HomePage"),
});
const inboxPage = createRoute({
  ...page("/inbox"),
  validateSearch: inbox,
  component: lazyRouteComponent(() => import("@/features/inbox/inbox-page"), "InboxPage"),
});
/** The address of one conversation in notices to the team. */
const inboxLink = createRoute({
  ...page("/inbox/$id"),
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/inbox", search: { conversation: params.id }, replace: true });
  },
});
const clients = createRoute({
  ...page("/clients"),
  component: lazyRouteComponent(() => import("@/features/client/clients-page"), "ClientsPage"),
});
const client = createRoute({
  ...page("/clients/$id"),
  component: lazyRouteComponent(() => import("@/features/client/client-page"), "ClientPage"),
});
const knowledgePage = createRoute({
  ...page("/knowledge"),
  validateSearch: knowledge,
  component: lazyRouteComponent(() => import("@/features/knowledge/knowledge-page"), "KnowledgePage"),
});
const documentPage = createRoute({
  ...page("/knowledge/documents/$id"),
  validateSearch: documents,
  component: lazyRouteComponent(() => import("@/features/document/document-page"), "DocumentPage"),
});
const gaps = createRoute({
  ...page("/gaps"),
  component: lazyRouteComponent(() => import("@/features/gaps/gaps-page"), "GapsPage"),
});
const chat = createRoute({
  ...page("/chat"),
  validateSearch: chats,
  component: lazyRouteComponent(() => import("@/features/chat/chat-page"), "ChatPage"),
});
const channels = createRoute({
  ...page("/channels"),
  component: lazyRouteComponent(() => import("@/features/channels/channels-page"), "ChannelsPage"),
});
const channel = createRoute({
  ...page("/channels/$id"),
  validateSearch: messengers,
  component: lazyRouteComponent(() => import("@/features/channels/channel-page"), "ChannelPage"),
});
const checkIns = createRoute({
  ...page("/check-ins"),
  component: lazyRouteComponent(() => import("@/features/check-ins/check-ins-page"), "CheckInsPage"),
});
const checkInNew = createRoute({
  ...page("/check-ins/new"),
  component: lazyRouteComponent(() => import("@/features/check-ins/new-check-in-page"), "NewCheckInPage"),
});
const checkInDecisions = createRoute({
  ...page("/check-ins/decisions"),
  validateSearch: decisions,
  component: lazyRouteComponent(() => import("@/features/check-ins/decisions-page"), "DecisionsPage"),
});
const checkIn = createRoute({
  ...page("/check-ins/$id"),
  component: lazyRouteComponent(() => import("@/features/check-ins/check-in-page"), "CheckInPage"),
});

const settings = createRoute({
  ...page("/settings"),
  component: lazyRouteComponent(() => import("@/features/settings/settings-layout"), "SettingsLayout"),
});
const section = <Path extends string>(path: Path) => ({ getParentRoute: () => settings, path }) as const;
const voice = createRoute({
  ...section("/"),
  component: lazyRouteComponent(() => import("@/features/settings/voice/voice-page"), "VoicePage"),
});
const team = createRoute({
  ...section("/team"),
  component: lazyRouteComponent(() => import("@/features/settings/team/team-page"), "TeamPage"),
});
const keys = createRoute({
  ...section("/keys"),
  component: lazyRouteComponent(() => import("@/features/settings/keys/keys-page"), "KeysPage"),
});
const webhookList = createRoute({
  ...section("/webhooks"),
  component: lazyRouteComponent(() => import("@/features/settings/webhooks/webhooks-page"), "WebhooksPage"),
});
const webhook = createRoute({
  ...section("/webhooks/$id"),
  validateSearch: webhooks,
  component: lazyRouteComponent(() => import("@/features/settings/webhooks/webhook-page"), "WebhookPage"),
});
const notices = createRoute({
  ...section("/notices"),
  component: lazyRouteComponent(() => import("@/features/settings/notices/notices-page"), "NoticesPage"),
});
const audit = createRoute({
  ...section("/audit"),
  validateSearch: audits,
  component: lazyRouteComponent(() => import("@/features/settings/audit/audit-page"), "AuditPage"),
});
const models = createRoute({
  ...section("/models"),
  component: lazyRouteComponent(() => import("@/features/settings/models/models-page"), "ModelsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    logIn,
    signUp,
    inside.addChildren([
      home,
      inboxPage,
      inboxLink,
      clients,
      client,
      knowledgePage,
      documentPage,
      gaps,
      chat,
      channels,
      channel,
      checkIns,
      checkInNew,
      checkInDecisions,
      checkIn,
      settings.addChildren([voice, team, keys, webhookList, webhook, audit, models, notices]),
    ]),
  ]),
  context: { queryClient },
  defaultPreload: "intent",
  defaultPendingComponent: Loading,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
