import { FACET } from '../facet-codes'

/**
 * Runs and what they found. A run item is one picture of one run; its key says what determined the result. Class 0 in
 * run_postings stands for "any class". detections.stage: 0 the run's answer, 1 the bare detector's, kept for comparison.
 *
 * runs.state: 0 running, 1 finished, 2 cancelled, 3 failed.
 */
export const sql = `
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  manifest TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  created_ms INTEGER NOT NULL,
  finished_ms INTEGER,
  total INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  detections INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_by_kind ON runs (kind);

CREATE TABLE run_classes (
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  position INTEGER NOT NULL,
  class_id INTEGER NOT NULL REFERENCES classes,
  images INTEGER NOT NULL DEFAULT 0,
  detections INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_classes_by_class ON run_classes (class_id);

CREATE TABLE run_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  key TEXT NOT NULL,
  member_id INTEGER REFERENCES members ON DELETE SET NULL,
  file TEXT NOT NULL,
  sha256 TEXT,
  width INTEGER,
  height INTEGER,
  detections INTEGER NOT NULL,
  max_score REAL,
  change REAL,
  error TEXT,
  UNIQUE (run_id, key)
) STRICT;
CREATE INDEX run_items_by_key ON run_items (key);
CREATE INDEX run_items_by_member ON run_items (member_id, run_id);
CREATE INDEX run_items_by_run ON run_items (run_id, member_id);
CREATE INDEX run_items_in_order ON run_items (run_id, id);
CREATE INDEX run_items_by_change ON run_items (run_id, change) WHERE change IS NOT NULL;
CREATE INDEX run_items_failed ON run_items (run_id) WHERE error IS NOT NULL;

CREATE TABLE detections (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL,
  item_id INTEGER NOT NULL REFERENCES run_items ON DELETE CASCADE,
  stage INTEGER NOT NULL,
  class_id INTEGER NOT NULL REFERENCES classes,
  position INTEGER NOT NULL,
  score REAL NOT NULL,
  x1 REAL NOT NULL, y1 REAL NOT NULL, x2 REAL NOT NULL, y2 REAL NOT NULL
) STRICT;
CREATE INDEX detections_by_item ON detections (item_id, class_id, score);
CREATE INDEX detections_by_score ON detections (run_id, score) WHERE stage = 0;
CREATE INDEX detections_by_class ON detections (run_id, class_id, score) WHERE stage = 0;

CREATE TABLE run_postings (
  run_id INTEGER NOT NULL,
  class_id INTEGER NOT NULL,
  member_id INTEGER NOT NULL,
  item_id INTEGER NOT NULL REFERENCES run_items ON DELETE CASCADE,
  min_score REAL NOT NULL,
  max_score REAL NOT NULL,
  PRIMARY KEY (run_id, class_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_postings_by_item ON run_postings (item_id);

CREATE TABLE masks (
  item_id INTEGER NOT NULL REFERENCES run_items ON DELETE CASCADE,
  name TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (item_id, name)
) STRICT;

CREATE TABLE traces (
  item_id INTEGER PRIMARY KEY REFERENCES run_items ON DELETE CASCADE,
  stages TEXT NOT NULL,
  notes TEXT NOT NULL,
  warnings TEXT NOT NULL
) STRICT;

CREATE TABLE certificates (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL,
  item_id INTEGER NOT NULL REFERENCES run_items ON DELETE CASCADE,
  member_id INTEGER REFERENCES members ON DELETE SET NULL,
  object_id INTEGER,
  position INTEGER NOT NULL,
  method TEXT NOT NULL,
  certified INTEGER NOT NULL CHECK (certified IN (0, 1)),
  radius REAL,
  details TEXT NOT NULL
) STRICT;
CREATE INDEX certificates_by_item ON certificates (item_id);
CREATE INDEX certificates_by_run ON certificates (run_id, certified);
CREATE INDEX certificates_by_member ON certificates (member_id);
CREATE TRIGGER certificate_added AFTER INSERT ON certificates WHEN NEW.member_id IS NOT NULL BEGIN
  INSERT INTO member_facets (facet, value, member_id, dataset_id, n)
    SELECT ${FACET.certified}, NEW.certified, id, dataset_id, 1 FROM members WHERE id = NEW.member_id
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER certificate_removed AFTER DELETE ON certificates WHEN OLD.member_id IS NOT NULL BEGIN
  UPDATE member_facets SET n = n - 1
    WHERE facet = ${FACET.certified} AND value = OLD.certified AND member_id = OLD.member_id;
  DELETE FROM member_facets
    WHERE facet = ${FACET.certified} AND value = OLD.certified AND member_id = OLD.member_id AND n <= 0;
END;
CREATE TRIGGER member_with_results_removed BEFORE DELETE ON members BEGIN
  DELETE FROM member_facets WHERE facet = ${FACET.certified} AND value IN (0, 1) AND member_id = OLD.id;
  DELETE FROM run_postings
    WHERE item_id IN (SELECT id FROM run_items WHERE member_id = OLD.id);
END;

CREATE TABLE comparisons (
  id INTEGER PRIMARY KEY,
  base_run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  other_run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  base_seen INTEGER NOT NULL DEFAULT 0,
  other_seen INTEGER NOT NULL DEFAULT 0,
  items INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  UNIQUE (base_run, other_run)
) STRICT;
CREATE INDEX comparisons_by_other ON comparisons (other_run);

CREATE TABLE comparison_items (
  comparison_id INTEGER NOT NULL REFERENCES comparisons ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES members ON DELETE CASCADE,
  base_item INTEGER NOT NULL,
  other_item INTEGER NOT NULL,
  change REAL NOT NULL,
  PRIMARY KEY (comparison_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX comparison_items_by_change ON comparison_items (comparison_id, change, member_id);
CREATE INDEX comparison_items_by_member ON comparison_items (member_id);
`
