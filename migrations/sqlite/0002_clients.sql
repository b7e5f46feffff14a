-- Clients, where they are met, and what they agreed to.

CREATE TABLE channel_accounts (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  public_key TEXT NOT NULL UNIQUE,
  enabled BOOLEAN NOT NULL,
  settings TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX channel_accounts_by_creator ON channel_accounts (creator_id, created_at, id);

CREATE TABLE clients (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  display_name TEXT NOT NULL,
  time_zone TEXT,
  locale TEXT,
  created_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL
);
CREATE INDEX clients_by_creator ON clients (creator_id, created_at, id);

CREATE TABLE identities (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  channel_account_id BLOB NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  provider_user_id TEXT NOT NULL,
  verified BOOLEAN NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (channel_account_id, provider_user_id)
);
CREATE INDEX identities_by_client ON identities (client_id);

CREATE TABLE widget_sessions (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  channel_account_id BLOB NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  conversation_id BLOB NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  seen_seq INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX widget_sessions_by_client ON widget_sessions (client_id);

-- One row per time a client agreed; withdrawing closes it.
CREATE TABLE consents (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  channel_account_id BLOB NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL,
  evidence TEXT NOT NULL,
  granted_at TEXT NOT NULL,
  withdrawn_at TEXT
);
CREATE INDEX consents_by_client ON consents (creator_id, client_id, purpose);
-- However often a client presses the button, one consent is open.
CREATE UNIQUE INDEX consents_open ON consents (client_id, purpose) WHERE withdrawn_at IS NULL;
