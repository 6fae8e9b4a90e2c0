import { FACET } from '../facet-codes'

const key = (facet: number, value: string, member: string) =>
  `facet = ${facet} AND value = ${value} AND member_id = ${member}`

/** One more row with this value in the picture. */
const more = (facet: number, value: string, member: string) => `
  INSERT INTO member_facets (facet, value, member_id, dataset_id, n)
    SELECT ${facet}, ${value}, id, dataset_id, 1 FROM members WHERE id = ${member}
    ON CONFLICT DO UPDATE SET n = n + 1;`

/** One less; the entry goes with the last one. */
const less = (facet: number, value: string, member: string) => `
  UPDATE member_facets SET n = n - 1 WHERE ${key(facet, value, member)};
  DELETE FROM member_facets WHERE ${key(facet, value, member)} AND n <= 0;`

const patchMore = (row: string) => `
  ${more(FACET.patchStatus, `${row}.status`, `${row}.member_id`)}
  ${more(FACET.patch, '1', `${row}.member_id`)}
  DELETE FROM member_facets WHERE ${key(FACET.patch, '0', `${row}.member_id`)};`

const patchLess = (row: string) => `
  ${less(FACET.patchStatus, `${row}.status`, `${row}.member_id`)}
  ${less(FACET.patch, '1', `${row}.member_id`)}
  INSERT INTO member_facets (facet, value, member_id, dataset_id, n)
    SELECT ${FACET.patch}, 0, id, dataset_id, 1 FROM members WHERE id = ${row}.member_id
    AND NOT EXISTS (SELECT 1 FROM member_facets WHERE ${key(FACET.patch, '1', `${row}.member_id`)});`

const classOf = (row: string) => `(SELECT class_id FROM categories WHERE id = ${row}.category_id)`

/** Values that a member has by itself: column, facet. */
const own = [
  ['split_id', FACET.split],
  ['label_id', FACET.label],
  ['status', FACET.status],
] as const

/**
 * For every facet value the members that have it, in their order, and how many there are: what lists filter by and what
 * facets show, without counting. Kept by triggers, so no way of writing can forget it. Facets: see facet-codes.ts.
 * The full-text index over file names is an FTS5 table that reads its text from a view; class names and labels are looked
 * up in their own small tables and become facet values.
 */
export const sql = `
CREATE TABLE member_facets (
  facet INTEGER NOT NULL,
  value INTEGER NOT NULL,
  member_id INTEGER NOT NULL,
  dataset_id INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (facet, value, member_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE facet_counts (
  facet INTEGER NOT NULL,
  value INTEGER NOT NULL,
  dataset_id INTEGER NOT NULL,
  images INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (facet, value, dataset_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER facet_added AFTER INSERT ON member_facets BEGIN
  INSERT INTO facet_counts VALUES (NEW.facet, NEW.value, NEW.dataset_id, 1, NEW.n)
    ON CONFLICT DO UPDATE SET images = images + 1, entries = entries + NEW.n;
END;
CREATE TRIGGER facet_changed AFTER UPDATE OF n ON member_facets BEGIN
  UPDATE facet_counts SET entries = entries + NEW.n - OLD.n
    WHERE facet = NEW.facet AND value = NEW.value AND dataset_id = NEW.dataset_id;
END;
CREATE TRIGGER facet_removed AFTER DELETE ON member_facets BEGIN
  UPDATE facet_counts SET images = images - 1, entries = entries - OLD.n
    WHERE facet = OLD.facet AND value = OLD.value AND dataset_id = OLD.dataset_id;
  DELETE FROM facet_counts
    WHERE facet = OLD.facet AND value = OLD.value AND dataset_id = OLD.dataset_id AND images <= 0;
END;

CREATE TRIGGER object_added AFTER INSERT ON objects BEGIN
  ${more(FACET.class, classOf('NEW'), 'NEW.member_id')}
END;
CREATE TRIGGER object_removed AFTER DELETE ON objects BEGIN
  ${less(FACET.class, classOf('OLD'), 'OLD.member_id')}
END;
CREATE TRIGGER object_changed AFTER UPDATE OF category_id, member_id ON objects BEGIN
  ${less(FACET.class, classOf('OLD'), 'OLD.member_id')}
  ${more(FACET.class, classOf('NEW'), 'NEW.member_id')}
END;

CREATE TRIGGER patch_added AFTER INSERT ON patches BEGIN ${patchMore('NEW')} END;
CREATE TRIGGER patch_removed AFTER DELETE ON patches BEGIN ${patchLess('OLD')} END;
CREATE TRIGGER patch_changed AFTER UPDATE OF status, member_id ON patches BEGIN
  ${patchLess('OLD')} ${patchMore('NEW')}
END;

CREATE VIEW member_names (id, name) AS
  SELECT members.id, files.path FROM members JOIN files ON files.id = members.file_id;
CREATE VIRTUAL TABLE member_search USING fts5 (
  name, content = 'member_names', content_rowid = 'id', columnsize = 0,
  tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);
CREATE VIRTUAL TABLE class_search USING fts5 (
  name, content = 'classes', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE label_search USING fts5 (
  name, content = 'labels', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER class_named AFTER INSERT ON classes BEGIN
  INSERT INTO class_search (rowid, name) VALUES (NEW.id, NEW.name);
END;
CREATE TRIGGER label_named AFTER INSERT ON labels BEGIN
  INSERT INTO label_search (rowid, name) VALUES (NEW.id, NEW.name);
END;

CREATE TRIGGER member_added AFTER INSERT ON members BEGIN
  INSERT INTO member_facets VALUES (${FACET.dataset}, NEW.dataset_id, NEW.id, NEW.dataset_id, 1);
  INSERT INTO member_facets VALUES (${FACET.status}, NEW.status, NEW.id, NEW.dataset_id, 1);
  INSERT INTO member_facets VALUES (${FACET.patch}, 0, NEW.id, NEW.dataset_id, 1);
  INSERT INTO member_facets SELECT ${FACET.file}, state, NEW.id, NEW.dataset_id, 1 FROM files WHERE id = NEW.file_id;
  INSERT INTO member_facets SELECT ${FACET.split}, NEW.split_id, NEW.id, NEW.dataset_id, 1 WHERE NEW.split_id IS NOT NULL;
  INSERT INTO member_facets SELECT ${FACET.label}, NEW.label_id, NEW.id, NEW.dataset_id, 1 WHERE NEW.label_id IS NOT NULL;
  INSERT INTO member_search (rowid, name) SELECT NEW.id, path FROM files WHERE id = NEW.file_id;
END;
${own
  .map(
    ([column, facet]) => `
CREATE TRIGGER member_${column}_changed AFTER UPDATE OF ${column} ON members BEGIN
  DELETE FROM member_facets WHERE ${key(facet, `OLD.${column}`, 'OLD.id')};
  INSERT INTO member_facets
    SELECT ${facet}, NEW.${column}, NEW.id, NEW.dataset_id, 1 WHERE NEW.${column} IS NOT NULL;
END;`,
  )
  .join('')}
-- Before, because what belongs to the member is needed to find its entries. Objects and patches go first, by hand, so
-- that their own triggers still find the member.
CREATE TRIGGER member_removed BEFORE DELETE ON members BEGIN
  INSERT INTO member_search (member_search, rowid, name) SELECT 'delete', OLD.id, path FROM files WHERE id = OLD.file_id;
  DELETE FROM objects WHERE member_id = OLD.id;
  DELETE FROM patches WHERE member_id = OLD.id;
  DELETE FROM member_facets WHERE ${key(FACET.dataset, 'OLD.dataset_id', 'OLD.id')};
  DELETE FROM member_facets WHERE ${key(FACET.status, 'OLD.status', 'OLD.id')};
  DELETE FROM member_facets WHERE ${key(FACET.patch, '0', 'OLD.id')};
  DELETE FROM member_facets WHERE facet = ${FACET.file} AND value IN (0, 1, 2, 3) AND member_id = OLD.id;
  DELETE FROM member_facets WHERE ${key(FACET.split, 'OLD.split_id', 'OLD.id')};
  DELETE FROM member_facets WHERE ${key(FACET.label, 'OLD.label_id', 'OLD.id')};
END;

CREATE TRIGGER file_state_changed AFTER UPDATE OF state ON files WHEN OLD.state <> NEW.state BEGIN
  DELETE FROM member_facets WHERE facet = ${FACET.file} AND value = OLD.state
    AND member_id IN (SELECT id FROM members WHERE file_id = NEW.id);
  INSERT INTO member_facets
    SELECT ${FACET.file}, NEW.state, id, dataset_id, 1 FROM members WHERE file_id = NEW.id;
END;
CREATE TRIGGER file_moved AFTER UPDATE OF path ON files WHEN OLD.path <> NEW.path BEGIN
  INSERT INTO member_search (member_search, rowid, name)
    SELECT 'delete', id, OLD.path FROM members WHERE file_id = NEW.id;
  INSERT INTO member_search (rowid, name) SELECT id, NEW.path FROM members WHERE file_id = NEW.id;
END;
`
