import { FACET } from '../facet-codes'

const names = (row: string) =>
  `SELECT tags.id FROM json_each(${row}.tags) AS j JOIN tags ON tags.name = j.value`

/**
 * Tags of pictures: a list of names in the row itself, so that the log of edits covers them, filed as a facet.
 * Comparisons are counted anew, in kinds of differences.
 */
export const sql = `
ALTER TABLE members ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TRIGGER member_tags_changed AFTER UPDATE OF tags ON members WHEN OLD.tags <> NEW.tags BEGIN
  INSERT OR IGNORE INTO tags (name) SELECT value FROM json_each(NEW.tags);
  DELETE FROM member_facets WHERE facet = ${FACET.tag} AND value IN (${names('OLD')}) AND member_id = OLD.id;
  INSERT OR IGNORE INTO member_facets
    SELECT ${FACET.tag}, id, NEW.id, NEW.dataset_id, 1 FROM (${names('NEW')});
END;
CREATE TRIGGER member_with_tags_added AFTER INSERT ON members WHEN NEW.tags <> '[]' BEGIN
  INSERT OR IGNORE INTO tags (name) SELECT value FROM json_each(NEW.tags);
  INSERT OR IGNORE INTO member_facets
    SELECT ${FACET.tag}, id, NEW.id, NEW.dataset_id, 1 FROM (${names('NEW')});
END;
CREATE TRIGGER member_with_tags_removed BEFORE DELETE ON members WHEN OLD.tags <> '[]' BEGIN
  DELETE FROM member_facets WHERE facet = ${FACET.tag} AND value IN (${names('OLD')}) AND member_id = OLD.id;
END;

DELETE FROM comparisons;
DROP TABLE comparison_items;
CREATE TABLE comparison_items (
  comparison_id INTEGER NOT NULL REFERENCES comparisons ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES members ON DELETE CASCADE,
  base_item INTEGER NOT NULL,
  other_item INTEGER NOT NULL,
  change REAL NOT NULL,
  gained INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  moved INTEGER NOT NULL,
  relabelled INTEGER NOT NULL,
  PRIMARY KEY (comparison_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX comparison_items_by_change ON comparison_items (comparison_id, change, member_id);
CREATE INDEX comparison_items_by_member ON comparison_items (member_id);
`
