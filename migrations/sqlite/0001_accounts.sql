-- Creators and who may act for them.

CREATE TABLE creators (
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE members (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at TEXT NOT NULL,
  disabled_at TEXT
);
CREATE INDEX members_by_creator ON members (creator_id, created_at, id);

-- One row per refresh token. Using a spent one ends its whole family.
CREATE TABLE sessions (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  member_id BLOB NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  family_id BLOB NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  spent_at TEXT,
  revoked_at TEXT
);
CREATE INDEX sessions_by_family ON sessions (family_id);
CREATE INDEX sessions_by_member ON sessions (member_id);

CREATE TABLE api_keys (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  key_hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_by BLOB,
  created_at TEXT NOT NULL,
  last_used_at TEXT,
  revoked_at TEXT
);
CREATE INDEX api_keys_by_creator ON api_keys (creator_id, created_at, id);

-- Failed log-ins by address or by network, so that guessing gets slow.
CREATE TABLE login_throttle (
  subject TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  window_started_at TEXT NOT NULL,
  blocked_until TEXT
);

CREATE TABLE audit_log (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id BLOB,
  actor_name TEXT,
  action TEXT NOT NULL,
  subject TEXT,
  detail TEXT NOT NULL
);
CREATE INDEX audit_log_by_creator ON audit_log (creator_id, at, id);

-- What a POST answered, so that its repeat answers the same.
CREATE TABLE idempotency_keys (
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  endpoint TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  status INTEGER NOT NULL,
  body BLOB NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (creator_id, endpoint, key)
);
