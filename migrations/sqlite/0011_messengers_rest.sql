-- The rest of the messengers' road.

-- How often a job's worker died over it; failures are what is left of its attempts.
ALTER TABLE jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;

-- What the provider says about the account: quality, limit, news.
ALTER TABLE connections ADD COLUMN standing TEXT NOT NULL DEFAULT '{}';

-- Why a template may not be sent, how people like it, and when the provider last told its state.
ALTER TABLE templates ADD COLUMN reason TEXT;
ALTER TABLE templates ADD COLUMN quality TEXT;
ALTER TABLE templates ADD COLUMN told_at TEXT;

-- Whom a portfolio of Meta's wrote to first in the last 24 hours: its limit counts people, over all its numbers.
CREATE TABLE portfolio_people (
  portfolio TEXT NOT NULL,
  person TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (portfolio, person)
);
CREATE INDEX portfolio_people_by_since ON portfolio_people (portfolio, since);
