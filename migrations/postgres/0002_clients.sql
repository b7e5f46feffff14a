-- Clients, where they are met, and what they agreed to.

CREATE TABLE channel_accounts (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  public_key TEXT NOT NULL UNIQUE,
  enabled BOOLEAN NOT NULL,
  settings JSONB NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX channel_accounts_by_creator ON channel_accounts (creator_id, created_at, id);

CREATE TABLE clients (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  display_name TEXT NOT NULL,
  time_zone TEXT,
  locale TEXT,
  created_at TIMESTAMPTZ NOT NULL,
  last_seen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX clients_by_creator ON clients (creator_id, created_at, id);

CREATE TABLE identities (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  channel_account_id UUID NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  provider_user_id TEXT NOT NULL,
  verified BOOLEAN NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  UNIQUE (channel_account_id, provider_user_id)
);
CREATE INDEX identities_by_client ON identities (client_id);

CREATE TABLE widget_sessions (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  channel_account_id UUID NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL,
  token_hash BYTEA NOT NULL UNIQUE,
  seen_seq BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX widget_sessions_by_client ON widget_sessions (client_id);

-- One row per time a client agreed; withdrawing closes it.
CREATE TABLE consents (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  channel_account_id UUID NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL,
  evidence JSONB NOT NULL,
  granted_at TIMESTAMPTZ NOT NULL,
  withdrawn_at TIMESTAMPTZ
);
CREATE INDEX consents_by_client ON consents (creator_id, client_id, purpose);
-- However often a client presses the button, one consent is open.
CREATE UNIQUE INDEX consents_open ON consents (client_id, purpose) WHERE withdrawn_at IS NULL;

ALTER TABLE channel_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE channel_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON channel_accounts USING (creator_id = app_creator() OR app_system());

ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clients USING (creator_id = app_creator());

ALTER TABLE identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON identities USING (creator_id = app_creator());

ALTER TABLE widget_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE widget_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON widget_sessions USING (creator_id = app_creator() OR app_system());

ALTER TABLE consents ENABLE ROW LEVEL SECURITY;
ALTER TABLE consents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consents USING (creator_id = app_creator());
