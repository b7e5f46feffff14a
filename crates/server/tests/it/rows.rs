//! Looks at the rows beside the server.

use anyhow::Result;
use sqlx::{Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Rows that should not be there whatever happened: each query counts one kind.
const FAULTS: [(&str, &str); 6] = [
    (
        "documents without an active version that is ready",
        "SELECT COUNT(*) FROM documents d WHERE NOT EXISTS (
           SELECT 1 FROM document_versions v WHERE v.id = d.active_version_id AND v.stage = 'ready')",
    ),
    (
        "chunks there twice",
        "SELECT COUNT(*) FROM (SELECT 1 FROM chunks GROUP BY version_id, part_number, start_byte, end_byte
           HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "versions whose ordinals have gaps",
        "SELECT COUNT(*) FROM (SELECT 1 FROM chunks GROUP BY version_id
           HAVING MIN(ordinal) <> 0 OR MAX(ordinal) + 1 <> COUNT(*)) AS gaps",
    ),
    (
        "chunks without exactly one vector",
        "SELECT COUNT(*) FROM chunks c WHERE (SELECT COUNT(*) FROM chunk_embeddings e WHERE e.chunk_id = c.id) <> 1",
    ),
    (
        "vectors without a chunk, chunks or parts without a version",
        "SELECT (SELECT COUNT(*) FROM chunk_embeddings WHERE chunk_id NOT IN (SELECT id FROM chunks))
           + (SELECT COUNT(*) FROM chunks WHERE version_id NOT IN (SELECT id FROM document_versions))
           + (SELECT COUNT(*) FROM document_parts WHERE version_id NOT IN (SELECT id FROM document_versions))",
    ),
    ("jobs that are not done", "SELECT COUNT(*) FROM jobs WHERE state <> 'done'"),
];

/// A database, by its URL.
pub(crate) struct Rows(String);

impl Rows {
    pub(crate) fn at(url: &str) -> Self {
        Self(url.to_owned())
    }

    /// Of a server on its default database.
    pub(crate) fn of(app: &crate::app::TestApp) -> Self {
        Self(format!("sqlite:{}", app.folder.path().join("coxswain.db").display()))
    }

    /// The one number a query answers.
    pub(crate) async fn count(&self, sql: &'static str) -> Result<i64> {
        if self.0.starts_with("postgres") {
            let mut connection = PgConnection::connect(&self.0).await?;
            return Ok(sqlx::query_scalar(sql).fetch_one(&mut connection).await?);
        }
        let options: SqliteConnectOptions = self.0.parse()?;
        let mut connection = SqliteConnection::connect_with(&options.read_only(true)).await?;
        Ok(sqlx::query_scalar(sql).fetch_one(&mut connection).await?)
    }

    /// Everything wrong with what was ingested, in words.
    pub(crate) async fn faults(&self) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        for (what, sql) in FAULTS {
            let count = self.count(sql).await?;
            if count != 0 {
                faults.push(format!("{count} {what}"));
            }
        }
        Ok(faults)
    }
}
