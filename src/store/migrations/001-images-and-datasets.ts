/**
 * Pictures by content, the files they lie in, and data sets with their members. A member is one picture of one data set:
 * a whole file, a tile of it or a row of an HDF5 data set. A file whose content was not looked at, or that is missing,
 * has no image yet.
 *
 * files.state: 0 not looked at, 1 present, 2 missing, 3 changed since it was read.
 */
export const sql = `
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE images (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  size_bytes INTEGER NOT NULL,
  stored_width INTEGER NOT NULL,
  stored_height INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  orientation INTEGER NOT NULL,
  format TEXT NOT NULL
) STRICT;

CREATE TABLE folders (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  folder_id INTEGER NOT NULL REFERENCES folders,
  path TEXT NOT NULL,
  image_id INTEGER REFERENCES images,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  modified_ms INTEGER,
  UNIQUE (folder_id, path)
) STRICT;
CREATE INDEX files_by_image ON files (image_id);
CREATE INDEX files_by_state ON files (state);

CREATE TABLE datasets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  importer TEXT NOT NULL,
  folder_id INTEGER NOT NULL REFERENCES folders,
  created_ms INTEGER NOT NULL,
  attributes TEXT NOT NULL
) STRICT;
CREATE INDEX datasets_by_folder ON datasets (folder_id);

CREATE TABLE splits (
  id INTEGER PRIMARY KEY,
  dataset_id INTEGER NOT NULL REFERENCES datasets ON DELETE CASCADE,
  name TEXT NOT NULL,
  UNIQUE (dataset_id, name)
) STRICT;

CREATE TABLE classes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE categories (
  id INTEGER PRIMARY KEY,
  dataset_id INTEGER NOT NULL REFERENCES datasets ON DELETE CASCADE,
  source_id TEXT NOT NULL,
  class_id INTEGER NOT NULL REFERENCES classes,
  supercategory TEXT,
  UNIQUE (dataset_id, source_id)
) STRICT;
CREATE INDEX categories_by_class ON categories (class_id);

CREATE TABLE members (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id INTEGER NOT NULL REFERENCES datasets ON DELETE CASCADE,
  source_id TEXT NOT NULL,
  file_id INTEGER NOT NULL REFERENCES files,
  pixels TEXT,
  width INTEGER,
  height INTEGER,
  split_id INTEGER REFERENCES splits,
  label_id INTEGER REFERENCES labels,
  label_index INTEGER,
  status INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 2),
  attributes TEXT NOT NULL,
  UNIQUE (dataset_id, source_id)
) STRICT;
CREATE INDEX members_by_file ON members (file_id);
CREATE INDEX members_by_split ON members (split_id);
CREATE INDEX members_by_label ON members (label_id);

CREATE TABLE imports (
  id INTEGER PRIMARY KEY,
  dataset_id INTEGER REFERENCES datasets ON DELETE CASCADE,
  importer TEXT NOT NULL,
  root TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  finished_ms INTEGER NOT NULL,
  images INTEGER NOT NULL,
  objects INTEGER NOT NULL,
  patches INTEGER NOT NULL,
  problems INTEGER NOT NULL
) STRICT;
CREATE INDEX imports_by_dataset ON imports (dataset_id);

CREATE TABLE import_problems (
  id INTEGER PRIMARY KEY,
  import_id INTEGER NOT NULL REFERENCES imports ON DELETE CASCADE,
  problem TEXT NOT NULL
) STRICT;
CREATE INDEX import_problems_by_import ON import_problems (import_id);
`
