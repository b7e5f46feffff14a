-- Files that clients send. The file itself lies in the folder of clients' files, under its key.

CREATE TABLE attachments (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  -- No reference: a widget's first file comes before the conversation is made.
  conversation_id UUID NOT NULL,
  -- Empty: received, and not sent yet. Such a one is forgotten after a day.
  message_id UUID REFERENCES messages (id) ON DELETE CASCADE,
  -- Its place among the files of its message, from 0.
  place BIGINT NOT NULL,
  file_key TEXT NOT NULL,
  name TEXT NOT NULL,
  -- What its content is, whatever its name says: image, pdf, text, audio, video, other.
  kind TEXT NOT NULL,
  mime TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX attachments_by_conversation ON attachments (conversation_id, message_id);
CREATE INDEX attachments_by_message ON attachments (message_id);
CREATE INDEX attachments_by_file ON attachments (file_key);

ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attachments USING (creator_id = app_creator());
