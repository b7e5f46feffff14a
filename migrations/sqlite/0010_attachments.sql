-- Files that clients send. The file itself lies in the folder of clients' files, under its key.

CREATE TABLE attachments (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  -- No reference: a widget's first file comes before the conversation is made.
  conversation_id BLOB NOT NULL,
  -- Empty: received, and not sent yet. Such a one is forgotten after a day.
  message_id BLOB REFERENCES messages (id) ON DELETE CASCADE,
  -- Its place among the files of its message, from 0.
  place INTEGER NOT NULL,
  file_key TEXT NOT NULL,
  name TEXT NOT NULL,
  -- What its content is, whatever its name says: image, pdf, text, audio, video, other.
  kind TEXT NOT NULL,
  mime TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX attachments_by_conversation ON attachments (conversation_id, message_id);
CREATE INDEX attachments_by_message ON attachments (message_id);
CREATE INDEX attachments_by_file ON attachments (file_key);
