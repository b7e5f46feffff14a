-- Work that survives a crash.

CREATE TABLE jobs (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  -- Name and version of the payload, as in `ingest.v1`.
  kind TEXT NOT NULL,
  payload JSONB NOT NULL,
  -- Jobs of one lane run one after the other: a conversation, a document.
  lane UUID NOT NULL,
  state TEXT NOT NULL,
  run_at TIMESTAMPTZ NOT NULL,
  attempts BIGINT NOT NULL,
  max_attempts BIGINT NOT NULL,
  leased_by UUID,
  leased_until TIMESTAMPTZ,
  last_error TEXT,
  created_at TIMESTAMPTZ NOT NULL,
  finished_at TIMESTAMPTZ
);
CREATE INDEX jobs_due ON jobs (state, kind, run_at, id);
CREATE INDEX jobs_by_lane ON jobs (lane, state);

-- What came from outside, exactly as it came, before anything is made of it.
CREATE TABLE inbox (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  channel_account_id UUID NOT NULL REFERENCES channel_accounts (id) ON DELETE CASCADE,
  provider_message_id TEXT NOT NULL,
  raw BYTEA NOT NULL,
  state TEXT NOT NULL,
  received_at TIMESTAMPTZ NOT NULL,
  UNIQUE (channel_account_id, provider_message_id)
);

-- What must reach a client, once.
CREATE TABLE outbox (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  turn_id UUID NOT NULL,
  part BIGINT NOT NULL,
  message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  settled_at TIMESTAMPTZ,
  UNIQUE (conversation_id, turn_id, part)
);

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs USING (creator_id = app_creator() OR app_system());

ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox USING (creator_id = app_creator() OR app_system());

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outbox USING (creator_id = app_creator() OR app_system());
