/**
 * Work under way. jobs.state and job_items.state are positions in the lists of jobs.ts.
 * Items are counted in their job by triggers.
 */
export const sql = `
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  manifest TEXT NOT NULL,
  run_id INTEGER REFERENCES runs ON DELETE SET NULL,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 5),
  created_ms INTEGER NOT NULL,
  started_ms INTEGER,
  finished_ms INTEGER,
  total INTEGER NOT NULL DEFAULT 0,
  running INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  error TEXT
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_by_kind ON jobs (kind);
CREATE INDEX jobs_by_run ON jobs (run_id);

CREATE TABLE job_items (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  UNIQUE (job_id, key)
) STRICT;
CREATE INDEX job_items_by_state ON job_items (job_id, state);
CREATE INDEX job_items_in_order ON job_items (job_id, id);
CREATE INDEX job_items_running ON job_items (state) WHERE state = 1;

CREATE TRIGGER job_item_added AFTER INSERT ON job_items BEGIN
  UPDATE jobs SET total = total + 1 WHERE id = NEW.job_id;
END;
CREATE TRIGGER job_item_changed AFTER UPDATE OF state ON job_items WHEN OLD.state <> NEW.state BEGIN
  UPDATE jobs SET
    running = running + (NEW.state = 1) - (OLD.state = 1),
    done = done + (NEW.state = 2) - (OLD.state = 2),
    failed = failed + (NEW.state = 3) - (OLD.state = 3)
  WHERE id = NEW.job_id;
END;
`
