-- Messengers: accounts, the road in and out, people who answer.

-- How one messenger account is reached: a bot, or a business number.
CREATE TABLE connections (
  channel_account_id BLOB PRIMARY KEY REFERENCES channel_accounts (id) ON DELETE CASCADE,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  -- The provider's own id for it: the bot's id, the phone_number_id.
  provider_id TEXT NOT NULL,
  -- What people know it by: the bot's user name, the phone number.
  handle TEXT NOT NULL,
  -- Tokens and secrets, by kind. Never shown again.
  credentials TEXT NOT NULL,
  settings TEXT NOT NULL,
  -- connected, paused, revoked.
  state TEXT NOT NULL,
  state_reason TEXT,
  -- Telegram long polling: the next update to ask for, and who polls until when.
  next_update INTEGER NOT NULL,
  polled_by BLOB,
  polled_until TEXT,
  checked_at TEXT NOT NULL,
  UNIQUE (kind, provider_id)
);
CREATE INDEX connections_by_creator ON connections (creator_id);

-- Webhooks that belong to nobody we know. Kept so that nothing is lost, without a creator.
CREATE TABLE stray_webhooks (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  raw BLOB NOT NULL,
  received_at TEXT NOT NULL
);

-- The sender's id as the provider says it; what is handled one after the other.
ALTER TABLE inbox ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN sent_at TEXT;
-- Why it is unreadable, ignored or failed.
ALTER TABLE inbox ADD COLUMN problem TEXT;
ALTER TABLE inbox ADD COLUMN settled_at TEXT;
ALTER TABLE inbox ADD COLUMN conversation_id BLOB REFERENCES conversations (id) ON DELETE SET NULL;
CREATE INDEX inbox_by_creator ON inbox (creator_id, received_at, id);

ALTER TABLE outbox ADD COLUMN channel_account_id BLOB REFERENCES channel_accounts (id) ON DELETE CASCADE;
-- reply, coach, nudge, campaign.
ALTER TABLE outbox ADD COLUMN purpose TEXT NOT NULL DEFAULT 'reply';
ALTER TABLE outbox ADD COLUMN text TEXT NOT NULL DEFAULT '';
-- Into how many parts the message was cut; 0: not yet, so the text is as it was written.
ALTER TABLE outbox ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
-- The provider's id of the message it became.
ALTER TABLE outbox ADD COLUMN provider_message_id TEXT;
ALTER TABLE outbox ADD COLUMN code TEXT;
ALTER TABLE outbox ADD COLUMN detail TEXT;
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
-- After this it is worth nothing.
ALTER TABLE outbox ADD COLUMN expires_at TEXT;
ALTER TABLE outbox ADD COLUMN pricing TEXT;
-- Offered under it: (token, title) pairs.
ALTER TABLE outbox ADD COLUMN buttons TEXT NOT NULL DEFAULT '[]';
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
  millitokens INTEGER NOT NULL,
  filled_at TEXT NOT NULL,
  closed_until TEXT
);

-- Single-use codes that bind a channel to a client. Only hashes.
CREATE TABLE link_codes (
  code_hash BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT
);

-- What a tap on a button means; its token is what the provider carries.
CREATE TABLE choices (
  token TEXT PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  payload TEXT NOT NULL,
  created_at TEXT NOT NULL,
  used_at TEXT
);

-- One identity's reachability. Opted out: nothing unprompted, whatever merges.
ALTER TABLE identities ADD COLUMN opted_out_at TEXT;
ALTER TABLE identities ADD COLUMN unreachable_reason TEXT;
-- The latest thing they sent, by the provider's clock: opens the 24-hour window.
ALTER TABLE identities ADD COLUMN last_inbound_at TEXT;
-- The provider's id of that thing, for read and typing marks.
ALTER TABLE identities ADD COLUMN last_inbound_id TEXT;

-- Other names of the same identity: a phone number beside a business-scoped id, a previous one.
CREATE TABLE identity_aliases (
  channel_account_id BLOB NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  alias TEXT NOT NULL,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  identity_id BLOB NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
  PRIMARY KEY (channel_account_id, alias)
);
CREATE INDEX identity_aliases_by_identity ON identity_aliases (identity_id);

-- Which channel a client wants to be reached on; empty: where they last wrote.
ALTER TABLE clients ADD COLUMN preferred_account_id BLOB REFERENCES channel_accounts (id) ON DELETE SET NULL;

-- Whom a messenger's conversation is with: a client may have two identities on one account.
ALTER TABLE conversations ADD COLUMN identity_id BLOB REFERENCES identities (id) ON DELETE SET NULL;
CREATE INDEX conversations_by_identity ON conversations (identity_id);
-- engine: answers by itself; human: a member has taken over.
ALTER TABLE conversations ADD COLUMN handler TEXT NOT NULL DEFAULT 'engine';
ALTER TABLE conversations ADD COLUMN assigned_to BLOB;
-- A client waits for a person since then.
ALTER TABLE conversations ADD COLUMN human_wanted_at TEXT;
ALTER TABLE conversations ADD COLUMN closed_at TEXT;

CREATE TABLE notes (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  member_id BLOB NOT NULL,
  member_name TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX notes_by_conversation ON notes (conversation_id, created_at, id);

CREATE TABLE canned_replies (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX canned_replies_by_creator ON canned_replies (creator_id, created_at, id);

-- WhatsApp templates, as last synchronised.
CREATE TABLE templates (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  channel_account_id BLOB NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  category TEXT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  parameters INTEGER NOT NULL,
  synced_at TEXT NOT NULL,
  UNIQUE (channel_account_id, name, language)
);

-- What a client thinks of an answer.
CREATE TABLE feedback (
  message_id BLOB PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  helpful BOOLEAN NOT NULL,
  reason TEXT,
  created_at TEXT NOT NULL
);
