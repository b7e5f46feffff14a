-- What a creator knows: bases, folders, documents, their versions, the text, the chunks, the indexes.

CREATE TABLE knowledge_bases (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  UNIQUE (creator_id, name_key)
);

CREATE TABLE folders (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  knowledge_base_id UUID NOT NULL REFERENCES knowledge_bases (id) ON DELETE CASCADE,
  parent_id UUID REFERENCES folders (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX folders_by_base ON folders (knowledge_base_id);

CREATE TABLE documents (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  knowledge_base_id UUID NOT NULL REFERENCES knowledge_bases (id) ON DELETE CASCADE,
  folder_id UUID REFERENCES folders (id) ON DELETE SET NULL,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  published_on TEXT,
  citation_url TEXT,
  -- The version that answers questions; empty until one has been read.
  active_version_id UUID,
  times_quoted BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX documents_by_base ON documents (creator_id, knowledge_base_id, created_at, id);

CREATE TABLE document_versions (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  document_id UUID NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  file_key TEXT NOT NULL,
  file_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 BYTEA NOT NULL,
  -- Where the file is to be fetched from, for a document given by its address.
  source_url TEXT,
  stage TEXT NOT NULL,
  pages_done BIGINT NOT NULL,
  pages_total BIGINT,
  chunks_done BIGINT NOT NULL,
  chunks_total BIGINT,
  failure JSONB,
  warnings JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  activated_at TIMESTAMPTZ,
  UNIQUE (document_id, number)
);

CREATE TABLE document_parts (
  version_id UUID NOT NULL REFERENCES document_versions (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  page BIGINT,
  heading TEXT,
  start_ms BIGINT,
  end_ms BIGINT,
  text TEXT NOT NULL,
  PRIMARY KEY (version_id, number)
);

-- A chunk is the slice [start_byte, end_byte) of its part's text.
CREATE TABLE chunks (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  knowledge_base_id UUID NOT NULL,
  document_id UUID NOT NULL,
  version_id UUID NOT NULL REFERENCES document_versions (id) ON DELETE CASCADE,
  ordinal BIGINT NOT NULL,
  part_number BIGINT NOT NULL,
  start_byte BIGINT NOT NULL,
  end_byte BIGINT NOT NULL,
  page BIGINT,
  heading TEXT,
  start_ms BIGINT,
  end_ms BIGINT,
  text TEXT NOT NULL,
  -- Hash of what is embedded (heading and text): an equal hash needs no new embedding.
  text_hash BYTEA NOT NULL,
  -- Analysed terms, in order, separated by spaces.
  terms TEXT NOT NULL,
  UNIQUE (version_id, ordinal)
);
CREATE INDEX chunks_by_creator ON chunks (creator_id, version_id);
CREATE INDEX chunks_by_hash ON chunks (document_id, text_hash);

-- One embedding model over a creator's chunks.
CREATE TABLE indexes (
  id UUID PRIMARY KEY,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  dimension BIGINT NOT NULL,
  state TEXT NOT NULL,
  -- Grows with every change of what may be found; readers refresh when it does.
  generation BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  activated_at TIMESTAMPTZ,
  UNIQUE (creator_id, model)
);

CREATE TABLE chunk_embeddings (
  index_id UUID NOT NULL REFERENCES indexes (id) ON DELETE CASCADE,
  chunk_id UUID NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
  creator_id UUID NOT NULL REFERENCES creators (id) ON DELETE CASCADE,
  -- Little-endian f32 components of the unit vector.
  embedding BYTEA NOT NULL,
  PRIMARY KEY (index_id, chunk_id)
);
CREATE INDEX chunk_embeddings_by_chunk ON chunk_embeddings (chunk_id);

ALTER TABLE knowledge_bases ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_bases FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON knowledge_bases USING (creator_id = app_creator());

ALTER TABLE folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE folders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON folders USING (creator_id = app_creator());

ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON documents USING (creator_id = app_creator());

ALTER TABLE document_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON document_versions USING (creator_id = app_creator() OR app_system());

ALTER TABLE document_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_parts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON document_parts USING (creator_id = app_creator());

ALTER TABLE chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE chunks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON chunks USING (creator_id = app_creator());

ALTER TABLE indexes ENABLE ROW LEVEL SECURITY;
ALTER TABLE indexes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON indexes USING (creator_id = app_creator() OR app_system());

ALTER TABLE chunk_embeddings ENABLE ROW LEVEL SECURITY;
ALTER TABLE chunk_embeddings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON chunk_embeddings USING (creator_id = app_creator());
