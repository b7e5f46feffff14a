-- Conversations, what was said, why, and what it cost.

CREATE TABLE conversations (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  client_id BLOB REFERENCES clients (id) ON DELETE CASCADE,
  channel_account_id BLOB REFERENCES channel_accounts (id) ON DELETE SET NULL,
  -- The member who tries out the test chat.
  member_id BLOB,
  title TEXT NOT NULL,
  knowledge_base_ids TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  last_event_seq INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX conversations_by_creator ON conversations (creator_id, kind, updated_at, id);
CREATE INDEX conversations_by_client ON conversations (client_id);

CREATE TABLE messages (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  turn_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  status TEXT NOT NULL,
  abstained BOOLEAN NOT NULL,
  citations TEXT NOT NULL,
  problem TEXT,
  -- The sender's own id: the same one never makes a second message.
  client_message_id BLOB,
  created_at TEXT NOT NULL,
  completed_at TEXT,
  UNIQUE (conversation_id, seq),
  UNIQUE (conversation_id, client_message_id)
);
CREATE INDEX messages_by_turn ON messages (turn_id);

-- The log that streams replay: one row when a message is added and one when it becomes final.
CREATE TABLE events (
  conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  PRIMARY KEY (conversation_id, seq)
);

-- Why an answer is what it is: rewrite, passages, dropped sentences, prompt size, times.
CREATE TABLE answer_traces (
  message_id BLOB PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  trace TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE knowledge_gaps (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id BLOB REFERENCES conversations (id) ON DELETE CASCADE,
  message_id BLOB UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
  question TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX knowledge_gaps_by_creator ON knowledge_gaps (creator_id, created_at, id);

CREATE TABLE model_usage (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  conversation_id BLOB,
  model TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  milliseconds INTEGER NOT NULL,
  at TEXT NOT NULL
);
CREATE INDEX model_usage_by_creator ON model_usage (creator_id, at);
