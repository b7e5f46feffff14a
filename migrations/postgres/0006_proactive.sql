-- Reaching out first.

CREATE TABLE check_ins (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  text TEXT NOT NULL,
  -- Bit 0 is Monday.
  weekdays BIGINT NOT NULL,
  -- HH:MM in the client's own zone.
  local_time TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX check_ins_by_creator ON check_ins (creator_id, created_at, id);

-- The next moment of one check-in for one client who agreed.
CREATE TABLE check_in_schedule (
  check_in_id UUID NOT NULL REFERENCES check_ins (id) ON DELETE CASCADE,
  client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  next_due_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (check_in_id, client_id)
);
CREATE INDEX check_in_schedule_due ON check_in_schedule (next_due_at);
CREATE INDEX check_in_schedule_by_client ON check_in_schedule (client_id);

CREATE TABLE decisions (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  -- Empty once the check-in is deleted; what was sent still counts towards the day's cap.
  check_in_id UUID REFERENCES check_ins (id) ON DELETE SET NULL,
  client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  due_at TIMESTAMPTZ NOT NULL,
  decided_at TIMESTAMPTZ NOT NULL,
  -- The client's local date, for the daily cap.
  local_date TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  reason TEXT NOT NULL,
  message_id UUID REFERENCES messages (id) ON DELETE SET NULL,
  -- One decision for one due moment, whatever crashes.
  UNIQUE (check_in_id, client_id, due_at)
);
CREATE INDEX decisions_by_creator ON decisions (creator_id, decided_at, id);
CREATE INDEX decisions_by_client ON decisions (client_id, local_date);

ALTER TABLE check_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE check_ins FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON check_ins USING (creator_id = app_creator() OR app_system());

ALTER TABLE check_in_schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE check_in_schedule FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON check_in_schedule USING (creator_id = app_creator() OR app_system());

ALTER TABLE decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON decisions USING (creator_id = app_creator());
