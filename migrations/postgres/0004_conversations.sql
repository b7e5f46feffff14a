-- Conversations, what was said, why, and what it cost.

CREATE TABLE conversations (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  client_id UUID REFERENCES clients (id) ON DELETE CASCADE,
  channel_account_id UUID REFERENCES channel_accounts (id) ON DELETE SET NULL,
  -- The member who tries out the test chat.
  member_id UUID,
  title TEXT NOT NULL,
  knowledge_base_ids JSONB NOT NULL,
  last_seq BIGINT NOT NULL,
  last_event_seq BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX conversations_by_creator ON conversations (creator_id, kind, updated_at, id);
CREATE INDEX conversations_by_client ON conversations (client_id);

CREATE TABLE messages (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  turn_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  status TEXT NOT NULL,
  abstained BOOLEAN NOT NULL,
  citations JSONB NOT NULL,
  problem JSONB,
  -- The sender's own id: the same one never makes a second message.
  client_message_id UUID,
  created_at TIMESTAMPTZ NOT NULL,
  completed_at TIMESTAMPTZ,
  UNIQUE (conversation_id, seq),
  UNIQUE (conversation_id, client_message_id)
);
CREATE INDEX messages_by_turn ON messages (turn_id);

-- The log that streams replay: one row when a message is added and one when it becomes final.
CREATE TABLE events (
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (conversation_id, seq)
);

-- Why an answer is what it is: rewrite, passages, dropped sentences, prompt size, times.
CREATE TABLE answer_traces (
  message_id UUID PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  trace JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE knowledge_gaps (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id UUID REFERENCES conversations (id) ON DELETE CASCADE,
  message_id UUID UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
  question TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX knowledge_gaps_by_creator ON knowledge_gaps (creator_id, created_at, id);

CREATE TABLE model_usage (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id UUID,
  model TEXT NOT NULL,
  prompt_tokens BIGINT NOT NULL,
  completion_tokens BIGINT NOT NULL,
  milliseconds BIGINT NOT NULL,
  at TIMESTAMPTZ NOT NULL
);
CREATE INDEX model_usage_by_creator ON model_usage (creator_id, at);

ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON conversations USING (creator_id = app_creator() OR app_system());

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages USING (creator_id = app_creator() OR app_system());

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events USING (creator_id = app_creator());

ALTER TABLE answer_traces ENABLE ROW LEVEL SECURITY;
ALTER TABLE answer_traces FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON answer_traces USING (creator_id = app_creator());

ALTER TABLE knowledge_gaps ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_gaps FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON knowledge_gaps USING (creator_id = app_creator());

ALTER TABLE model_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON model_usage USING (creator_id = app_creator());
