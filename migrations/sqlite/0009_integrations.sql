-- Integrators: what happens is told to their webhooks, and what they tell of clients is kept.

-- Where a creator wants to hear of what happens.
CREATE TABLE webhooks (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  -- The kinds of events wanted; an empty list for all.
  kinds TEXT NOT NULL,
  -- on, paused.
  state TEXT NOT NULL,
  state_reason TEXT,
  -- Since when every try failed.
  failing_since TEXT,
  -- The endpoint asked for quiet until then.
  held_until TEXT,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX webhooks_by_creator ON webhooks (creator_id, created_at, id);

-- What deliveries are signed with: one, or two while the newer one takes over.
CREATE TABLE webhook_secrets (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  secret TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT
);
CREATE INDEX webhook_secrets_by_webhook ON webhook_secrets (webhook_id, created_at);

-- What happened, noted by the triggers below in the transaction that made it happen, until it is told on.
-- Ids only; who tells it on reads the rest.
CREATE TABLE happenings (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  subject BLOB NOT NULL,
  at TEXT
);
CREATE INDEX happenings_by_creator ON happenings (creator_id, seq);

-- Events as they are sent: the payload is kept byte for byte, since its signature covers it. Kept for 30 days.
CREATE TABLE webhook_events (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  -- What is told in order among itself: a conversation, a client.
  lane BLOB NOT NULL,
  occurred_at TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX webhook_events_by_creator ON webhook_events (creator_id, created_at);

-- One event for one webhook. Gone with its event.
CREATE TABLE webhook_deliveries (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  event_id BLOB NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
  -- waiting, delivered, failed.
  state TEXT NOT NULL,
  -- Tries since it last began to wait.
  attempts INTEGER NOT NULL,
  next_attempt_at TEXT,
  created_at TEXT NOT NULL,
  settled_at TEXT,
  UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, state, next_attempt_at);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);

-- What each try came to. Gone with its delivery.
CREATE TABLE webhook_attempts (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  delivery_id BLOB NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  status INTEGER,
  milliseconds INTEGER NOT NULL,
  -- The beginning of what the endpoint said.
  answer TEXT,
  error TEXT
);
CREATE INDEX webhook_attempts_by_delivery ON webhook_attempts (delivery_id, at, id);

-- What integrators tell of clients.
CREATE TABLE client_events (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  data TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  received_at TEXT NOT NULL
);
CREATE INDEX client_events_by_creator ON client_events (creator_id, received_at, id);
CREATE INDEX client_events_by_client ON client_events (client_id, received_at, id);

-- Which members want mail when a person is wanted. Without a row: the owners.
CREATE TABLE notice_choices (
  member_id BLOB PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  human_wanted BOOLEAN NOT NULL
);
CREATE INDEX notice_choices_by_creator ON notice_choices (creator_id);

-- When the team was last mailed about a conversation.
CREATE TABLE human_notices (
  conversation_id BLOB PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  noticed_at TEXT NOT NULL
);
CREATE INDEX human_notices_by_creator ON human_notices (creator_id);

-- What happens is noted where it happens: whichever code changes these rows, the note is in the same transaction,
-- and where a creator has no webhook it costs one look into an empty index.
-- A client who waits for a person is noted always, since the team may want mail.
CREATE TRIGGER happens_message_received AFTER INSERT ON messages WHEN NEW.author = 'client' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'message.received', NEW.id, NEW.created_at);
END;
CREATE TRIGGER happens_message_sent AFTER INSERT ON messages WHEN NEW.author IN ('coach', 'check_in') AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'message.sent', NEW.id, NEW.created_at);
END;
CREATE TRIGGER happens_answer_sent AFTER UPDATE OF status ON messages WHEN NEW.author = 'engine' AND OLD.status = 'streaming' AND NEW.status = 'done' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'message.sent', NEW.id, NEW.completed_at);
END;
CREATE TRIGGER happens_human_wanted AFTER UPDATE OF human_wanted_at ON conversations WHEN OLD.human_wanted_at IS NULL AND NEW.human_wanted_at IS NOT NULL
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'conversation.human_wanted', NEW.id, NEW.human_wanted_at);
END;
CREATE TRIGGER happens_taken_over AFTER UPDATE OF handler ON conversations WHEN OLD.handler = 'engine' AND NEW.handler = 'human' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'conversation.taken_over', NEW.id, NULL);
END;
CREATE TRIGGER happens_handed_back AFTER UPDATE OF handler ON conversations WHEN OLD.handler = 'human' AND NEW.handler = 'engine' AND NEW.closed_at IS NULL AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'conversation.handed_back', NEW.id, NULL);
END;
CREATE TRIGGER happens_closed AFTER UPDATE OF closed_at ON conversations WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'conversation.closed', NEW.id, NEW.closed_at);
END;
CREATE TRIGGER happens_client_created AFTER INSERT ON clients WHEN EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'client.created', NEW.id, NEW.created_at);
END;
CREATE TRIGGER happens_client_linked AFTER UPDATE OF client_id ON identities WHEN OLD.client_id <> NEW.client_id AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'client.linked', NEW.id, NULL);
END;
CREATE TRIGGER happens_client_opted_out AFTER UPDATE OF opted_out_at ON identities WHEN OLD.opted_out_at IS NULL AND NEW.opted_out_at IS NOT NULL AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'client.opted_out', NEW.id, NEW.opted_out_at);
END;
CREATE TRIGGER happens_client_opted_in AFTER UPDATE OF opted_out_at ON identities WHEN OLD.opted_out_at IS NOT NULL AND NEW.opted_out_at IS NULL AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'client.opted_in', NEW.id, NULL);
END;
CREATE TRIGGER happens_client_consented AFTER INSERT ON consents WHEN EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'client.consented', NEW.id, NEW.granted_at);
END;
CREATE TRIGGER happens_consent_withdrawn AFTER UPDATE OF withdrawn_at ON consents WHEN OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'client.consent_withdrawn', NEW.id, NEW.withdrawn_at);
END;
CREATE TRIGGER happens_delivery_accepted AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state AND NEW.state = 'accepted' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'delivery.accepted', NEW.id, NULL);
END;
CREATE TRIGGER happens_delivery_delivered AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state AND NEW.state = 'delivered' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'delivery.delivered', NEW.id, NEW.settled_at);
END;
CREATE TRIGGER happens_delivery_read AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state AND NEW.state = 'read' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'delivery.read', NEW.id, NEW.settled_at);
END;
CREATE TRIGGER happens_delivery_failed AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state AND NEW.state = 'failed' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'delivery.failed', NEW.id, NEW.settled_at);
END;
CREATE TRIGGER happens_check_in_sent AFTER INSERT ON decisions WHEN NEW.reason = 'sent' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'program.check_in_sent', NEW.id, NEW.decided_at);
END;
CREATE TRIGGER happens_check_in_held_back AFTER INSERT ON decisions WHEN NEW.reason <> 'sent' AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'program.check_in_held_back', NEW.id, NEW.decided_at);
END;
CREATE TRIGGER happens_feedback_given AFTER INSERT ON feedback WHEN EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'feedback.given', NEW.message_id, NEW.created_at);
END;
CREATE TRIGGER happens_feedback_changed AFTER UPDATE OF helpful ON feedback WHEN EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'feedback.given', NEW.message_id, NEW.created_at);
END;
CREATE TRIGGER happens_gap_recorded AFTER INSERT ON knowledge_gaps WHEN EXISTS (SELECT 1 FROM webhooks WHERE webhooks.creator_id = NEW.creator_id)
BEGIN
  INSERT INTO happenings (creator_id, kind, subject, at) VALUES (NEW.creator_id, 'gap.recorded', NEW.id, NEW.created_at);
END;
