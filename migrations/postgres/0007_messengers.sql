-- Messengers: accounts, the road in and out, people who answer.

-- How one messenger account is reached: a bot, or a business number.
CREATE TABLE connections (
  channel_account_id UUID PRIMARY KEY REFERENCES channel_accounts (id) ON DELETE CASCADE,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  -- The provider's own id for it: the bot's id, the phone_number_id.
  provider_id TEXT NOT NULL,
  -- What people know it by: the bot's user name, the phone number.
  handle TEXT NOT NULL,
  -- Tokens and secrets, by kind. Never shown again.
  credentials JSONB NOT NULL,
  settings JSONB NOT NULL,
  -- connected, paused, revoked.
  state TEXT NOT NULL,
  state_reason TEXT,
  -- Telegram long polling: the next update to ask for, and who polls until when.
  next_update BIGINT NOT NULL,
  polled_by UUID,
  polled_until TIMESTAMPTZ,
  checked_at TIMESTAMPTZ NOT NULL,
  UNIQUE (kind, provider_id)
);
CREATE INDEX connections_by_creator ON connections (creator_id);

-- Webhooks that belong to nobody we know. Kept so that nothing is lost, without a creator.
CREATE TABLE stray_webhooks (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  raw BYTEA NOT NULL,
  received_at TIMESTAMPTZ NOT NULL
);

-- The sender's id as the provider says it; what is handled one after the other.
ALTER TABLE inbox ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN sent_at TIMESTAMPTZ;
-- Why it is unreadable, ignored or failed.
ALTER TABLE inbox ADD COLUMN problem TEXT;
ALTER TABLE inbox ADD COLUMN settled_at TIMESTAMPTZ;
ALTER TABLE inbox ADD COLUMN conversation_id UUID REFERENCES conversations (id) ON DELETE SET NULL;
CREATE INDEX inbox_by_creator ON inbox (creator_id, received_at, id);

ALTER TABLE outbox ADD COLUMN channel_account_id UUID REFERENCES channel_accounts (id) ON DELETE CASCADE;
-- reply, coach, nudge, campaign.
ALTER TABLE outbox ADD COLUMN purpose TEXT NOT NULL DEFAULT 'reply';
ALTER TABLE outbox ADD COLUMN text TEXT NOT NULL DEFAULT '';
-- Into how many parts the message was cut; 0: not yet, so the text is as it was written.
ALTER TABLE outbox ADD COLUMN parts BIGINT NOT NULL DEFAULT 0;
-- The provider's id of the message it became.
ALTER TABLE outbox ADD COLUMN provider_message_id TEXT;
ALTER TABLE outbox ADD COLUMN code TEXT;
ALTER TABLE outbox ADD COLUMN detail TEXT;
ALTER TABLE outbox ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
-- After this it is worth nothing.
ALTER TABLE outbox ADD COLUMN expires_at TIMESTAMPTZ;
ALTER TABLE outbox ADD COLUMN pricing JSONB;
-- Offered under it: (token, title) pairs.
ALTER TABLE outbox ADD COLUMN buttons JSONB NOT NULL DEFAULT '[]';
CREATE INDEX outbox_by_provider_id ON outbox (channel_account_id, provider_message_id);
CREATE INDEX outbox_by_conversation ON outbox (conversation_id, created_at);
CREATE INDEX outbox_by_state ON outbox (creator_id, state, created_at, id);
-- A stale draft's message goes away: what hangs on it must be found without reading everything.
CREATE INDEX outbox_by_message ON outbox (message_id);
CREATE INDEX events_by_message ON events (message_id);
CREATE INDEX decisions_by_message ON decisions (message_id);

-- Rates: thousandths of tokens left in each bucket, and until when nothing may leave it.
CREATE TABLE buckets (
  key TEXT PRIMARY KEY,
  millitokens BIGINT NOT NULL,
  filled_at TIMESTAMPTZ NOT NULL,
  closed_until TIMESTAMPTZ
);

-- Single-use codes that bind a channel to a client. Only hashes.
CREATE TABLE link_codes (
  code_hash BYTEA PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  used_at TIMESTAMPTZ
);

-- What a tap on a button means; its token is what the provider carries.
CREATE TABLE choices (
  token TEXT PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  payload JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  used_at TIMESTAMPTZ
);

-- One identity's reachability. Opted out: nothing unprompted, whatever merges.
ALTER TABLE identities ADD COLUMN opted_out_at TIMESTAMPTZ;
ALTER TABLE identities ADD COLUMN unreachable_reason TEXT;
-- The latest thing they sent, by the provider's clock: opens the 24-hour window.
ALTER TABLE identities ADD COLUMN last_inbound_at TIMESTAMPTZ;
-- The provider's id of that thing, for read and typing marks.
ALTER TABLE identities ADD COLUMN last_inbound_id TEXT;

-- Other names of the same identity: a phone number beside a business-scoped id, a previous one.
CREATE TABLE identity_aliases (
  channel_account_id UUID NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  alias TEXT NOT NULL,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  identity_id UUID NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
  PRIMARY KEY (channel_account_id, alias)
);
CREATE INDEX identity_aliases_by_identity ON identity_aliases (identity_id);

-- Which channel a client wants to be reached on; empty: where they last wrote.
ALTER TABLE clients ADD COLUMN preferred_account_id UUID REFERENCES channel_accounts (id) ON DELETE SET NULL;

-- Whom a messenger's conversation is with: a client may have two identities on one account.
ALTER TABLE conversations ADD COLUMN identity_id UUID REFERENCES identities (id) ON DELETE SET NULL;
CREATE INDEX conversations_by_identity ON conversations (identity_id);
-- engine: answers by itself; human: a member has taken over.
ALTER TABLE conversations ADD COLUMN handler TEXT NOT NULL DEFAULT 'engine';
ALTER TABLE conversations ADD COLUMN assigned_to UUID;
-- A client waits for a person since then.
ALTER TABLE conversations ADD COLUMN human_wanted_at TIMESTAMPTZ;
ALTER TABLE conversations ADD COLUMN closed_at TIMESTAMPTZ;

CREATE TABLE notes (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  member_id UUID NOT NULL,
  member_name TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX notes_by_conversation ON notes (conversation_id, created_at, id);

CREATE TABLE canned_replies (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX canned_replies_by_creator ON canned_replies (creator_id, created_at, id);

-- WhatsApp templates, as last synchronised.
CREATE TABLE templates (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  channel_account_id UUID NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  category TEXT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  parameters BIGINT NOT NULL,
  synced_at TIMESTAMPTZ NOT NULL,
  UNIQUE (channel_account_id, name, language)
);

-- What a client thinks of an answer.
CREATE TABLE feedback (
  message_id UUID PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  helpful BOOLEAN NOT NULL,
  reason TEXT,
  created_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE connections FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON connections USING (creator_id = app_creator() OR app_system());

ALTER TABLE identity_aliases ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_aliases FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON identity_aliases USING (creator_id = app_creator());

ALTER TABLE link_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE link_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON link_codes USING (creator_id = app_creator());

ALTER TABLE choices ENABLE ROW LEVEL SECURITY;
ALTER TABLE choices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON choices USING (creator_id = app_creator());

ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (creator_id = app_creator());

ALTER TABLE canned_replies ENABLE ROW LEVEL SECURITY;
ALTER TABLE canned_replies FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON canned_replies USING (creator_id = app_creator());

ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE templates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON templates USING (creator_id = app_creator());

ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON feedback USING (creator_id = app_creator());
