-- Creators and who may act for them.

CREATE TABLE creators (
  id UUID PRIMARY KEY,
  name TEXT NOT NULL,
  settings JSONB NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE members (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  disabled_at TIMESTAMPTZ
);
CREATE INDEX members_by_creator ON members (creator_id, created_at, id);

-- One row per refresh token. Using a spent one ends its whole family.
CREATE TABLE sessions (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  member_id UUID NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  family_id UUID NOT NULL,
  token_hash BYTEA NOT NULL UNIQUE,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  spent_at TIMESTAMPTZ,
  revoked_at TIMESTAMPTZ
);
CREATE INDEX sessions_by_family ON sessions (family_id);
CREATE INDEX sessions_by_member ON sessions (member_id);

CREATE TABLE api_keys (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  key_hash BYTEA NOT NULL UNIQUE,
  scopes JSONB NOT NULL,
  created_by UUID,
  created_at TIMESTAMPTZ NOT NULL,
  last_used_at TIMESTAMPTZ,
  revoked_at TIMESTAMPTZ
);
CREATE INDEX api_keys_by_creator ON api_keys (creator_id, created_at, id);

-- Failed log-ins by address or by network, so that guessing gets slow.
CREATE TABLE login_throttle (
  subject TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  window_started_at TIMESTAMPTZ NOT NULL,
  blocked_until TIMESTAMPTZ
);

CREATE TABLE audit_log (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  at TIMESTAMPTZ NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id UUID,
  actor_name TEXT,
  action TEXT NOT NULL,
  subject TEXT,
  detail JSONB NOT NULL
);
CREATE INDEX audit_log_by_creator ON audit_log (creator_id, at, id);

-- What a POST answered, so that its repeat answers the same.
CREATE TABLE idempotency_keys (
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  endpoint TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash BYTEA NOT NULL,
  status BIGINT NOT NULL,
  body BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (creator_id, endpoint, key)
);

-- The application acts as this role, which row-level security binds.
DO $$ BEGIN
  CREATE ROLE coxswain_app NOLOGIN NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the whole server
END $$;
DO $$ BEGIN EXECUTE format('GRANT coxswain_app TO %I', current_user); END $$;
GRANT USAGE ON SCHEMA public TO coxswain_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO coxswain_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO coxswain_app;

-- The creator of the present transaction.
CREATE FUNCTION app_creator() RETURNS UUID STABLE LANGUAGE SQL
  AS $$ SELECT NULLIF(current_setting('app.creator_id', true), '')::uuid $$;
-- Whether the present transaction works for the system: finding whose a token or a job is.
CREATE FUNCTION app_system() RETURNS BOOLEAN STABLE LANGUAGE SQL
  AS $$ SELECT current_setting('app.scope', true) = 'system' $$;

ALTER TABLE creators ENABLE ROW LEVEL SECURITY;
ALTER TABLE creators FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON creators USING (id = app_creator() OR app_system());

ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON members USING (creator_id = app_creator() OR app_system());

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions USING (creator_id = app_creator() OR app_system());

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys USING (creator_id = app_creator() OR app_system());

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_log USING (creator_id = app_creator() OR app_system());

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys USING (creator_id = app_creator());
