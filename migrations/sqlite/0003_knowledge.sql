-- What a creator knows: bases, folders, documents, their versions, the text, the chunks, the indexes.

CREATE TABLE knowledge_bases (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (creator_id, name_key)
);

CREATE TABLE folders (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  knowledge_base_id BLOB NOT NULL REFERENCES knowledge_bases (id) ON DELETE CASCADE,
  parent_id BLOB REFERENCES folders (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX folders_by_base ON folders (knowledge_base_id);

CREATE TABLE documents (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  knowledge_base_id BLOB NOT NULL REFERENCES knowledge_bases (id) ON DELETE CASCADE,
  folder_id BLOB REFERENCES folders (id) ON DELETE SET NULL,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  published_on TEXT,
  citation_url TEXT,
  -- The version that answers questions; empty until one has been read.
  active_version_id BLOB,
  times_quoted INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX documents_by_base ON documents (creator_id, knowledge_base_id, created_at, id);

CREATE TABLE document_versions (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  document_id BLOB NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  file_key TEXT NOT NULL,
  file_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  -- Where the file is to be fetched from, for a document given by its address.
  source_url TEXT,
  stage TEXT NOT NULL,
  pages_done INTEGER NOT NULL,
  pages_total INTEGER,
  chunks_done INTEGER NOT NULL,
  chunks_total INTEGER,
  failure TEXT,
  warnings TEXT NOT NULL,
  created_at TEXT NOT NULL,
  activated_at TEXT,
  UNIQUE (document_id, number)
);

CREATE TABLE document_parts (
  version_id BLOB NOT NULL REFERENCES document_versions (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  page INTEGER,
  heading TEXT,
  start_ms INTEGER,
  end_ms INTEGER,
  text TEXT NOT NULL,
  PRIMARY KEY (version_id, number)
);

-- A chunk is the slice [start_byte, end_byte) of its part's text.
CREATE TABLE chunks (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  knowledge_base_id BLOB NOT NULL,
  document_id BLOB NOT NULL,
  version_id BLOB NOT NULL REFERENCES document_versions (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  part_number INTEGER NOT NULL,
  start_byte INTEGER NOT NULL,
  end_byte INTEGER NOT NULL,
  page INTEGER,
  heading TEXT,
  start_ms INTEGER,
  end_ms INTEGER,
  text TEXT NOT NULL,
  -- Hash of what is embedded (heading and text): an equal hash needs no new embedding.
  text_hash BLOB NOT NULL,
  -- Analysed terms, in order, separated by spaces.
  terms TEXT NOT NULL,
  UNIQUE (version_id, ordinal)
);
CREATE INDEX chunks_by_creator ON chunks (creator_id, version_id);
CREATE INDEX chunks_by_hash ON chunks (document_id, text_hash);

-- One embedding model over a creator's chunks.
CREATE TABLE indexes (
  id BLOB PRIMARY KEY,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  dimension INTEGER NOT NULL,
  state TEXT NOT NULL,
  -- Grows with every change of what may be found; readers refresh when it does.
  generation INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  activated_at TEXT,
  UNIQUE (creator_id, model)
);

CREATE TABLE chunk_embeddings (
  index_id BLOB NOT NULL REFERENCES indexes (id) ON DELETE CASCADE,
  chunk_id BLOB NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
  creator_id BLOB NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  -- Little-endian f32 components of the unit vector.
  embedding BLOB NOT NULL,
  PRIMARY KEY (index_id, chunk_id)
);
CREATE INDEX chunk_embeddings_by_chunk ON chunk_embeddings (chunk_id);
