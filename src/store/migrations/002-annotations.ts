/**
 * What is known to be in the pictures, and the log of edits. Boxes are x, y, width, height in pixels; polygons are JSON,
 * masks are run lengths as COCO text in a frame of their own size.
 *
 * patches.author: 0 imported, 1 drawn, 2 segmenter. patches.status: 0 imported, 1 proposed, 2 accepted, 3 rejected.
 * undo_actions.undone: 1 while it can be redone. undo_changes: a row before and after, null where it was not there.
 */
export const sql = `
CREATE TABLE objects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id INTEGER NOT NULL REFERENCES members ON DELETE CASCADE,
  category_id INTEGER NOT NULL REFERENCES categories,
  source_id TEXT,
  x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
  polygons TEXT, mask TEXT, mask_width INTEGER, mask_height INTEGER,
  area REAL NOT NULL,
  is_crowd INTEGER NOT NULL,
  score REAL,
  attributes TEXT NOT NULL
) STRICT;
CREATE INDEX objects_by_member ON objects (member_id);
CREATE INDEX objects_by_category ON objects (category_id);

CREATE TABLE patches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id INTEGER NOT NULL REFERENCES members ON DELETE CASCADE,
  source_id TEXT,
  x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
  polygons TEXT, mask TEXT, mask_width INTEGER, mask_height INTEGER,
  name TEXT,
  target TEXT,
  author INTEGER NOT NULL CHECK (author BETWEEN 0 AND 2),
  segmenter TEXT,
  params TEXT,
  status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
  attributes TEXT NOT NULL
) STRICT;
CREATE INDEX patches_by_member ON patches (member_id);
CREATE INDEX patches_by_status ON patches (status);
CREATE INDEX patches_by_author ON patches (author);

CREATE TABLE undo_actions (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX undo_actions_by_state ON undo_actions (undone);

CREATE TABLE undo_changes (
  id INTEGER PRIMARY KEY,
  action_id INTEGER NOT NULL REFERENCES undo_actions ON DELETE CASCADE,
  subject TEXT NOT NULL CHECK (subject IN ('objects', 'patches', 'members')),
  row_id INTEGER NOT NULL,
  before TEXT,
  after TEXT
) STRICT;
CREATE INDEX undo_changes_by_action ON undo_changes (action_id);
`
