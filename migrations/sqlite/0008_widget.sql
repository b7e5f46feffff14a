-- The widget: who a host page says its clients are.

-- The host page's own name for the client, vouched for by a signed token. Empty: anonymous.
ALTER TABLE widget_sessions ADD COLUMN subject TEXT;
CREATE INDEX widget_sessions_by_subject ON widget_sessions (channel_account_id, subject, created_at);

-- What host pages sign with (HS256). Apart from the settings, which people may read.
CREATE TABLE widget_secrets (
  channel_account_id BLOB PRIMARY KEY REFERENCES channel_accounts (id) ON DELETE CASCADE,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  secret TEXT NOT NULL,
  created_at TEXT NOT NULL
);
