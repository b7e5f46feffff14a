-- Work that survives a crash.

CREATE TABLE jobs (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  -- Name and version of the payload, as in `ingest.v1`.
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  -- Jobs of one lane run one after the other: a conversation, a document.
  lane BLOB NOT NULL,
  state TEXT NOT NULL,
  run_at TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  leased_by BLOB,
  leased_until TEXT,
  last_error TEXT,
  created_at TEXT NOT NULL,
  finished_at TEXT
);
CREATE INDEX jobs_due ON jobs (state, kind, run_at, id);
CREATE INDEX jobs_by_lane ON jobs (lane, state);

-- What came from outside, exactly as it came, before anything is made of it.
CREATE TABLE inbox (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  channel_account_id BLOB NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  provider_message_id TEXT NOT NULL,
  raw BLOB NOT NULL,
  state TEXT NOT NULL,
  received_at TEXT NOT NULL,
  UNIQUE (channel_account_id, provider_message_id)
);

-- What must reach a client, once.
CREATE TABLE outbox (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  turn_id BLOB NOT NULL,
  part INTEGER NOT NULL,
  message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  settled_at TEXT,
  UNIQUE (conversation_id, turn_id, part)
);
