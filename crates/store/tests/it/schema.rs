//! The two engines hold the same tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use anyhow::{Context, Result};
use coxswain_store::{Db, Tx};
use coxswain_test_support::db;

/// One column: its type, in words both engines share, and whether it may be empty.
type Columns = BTreeMap<(String, String), (&'static str, bool)>;

/// What a column's type on one engine is on both.
fn common(declared: &str) -> Result<&'static str> {
    Ok(match declared.to_lowercase().as_str() {
        "uuid" | "bytea" | "blob" => "bytes",
        "bigint" | "integer" => "integer",
        "boolean" => "boolean",
        "text" | "jsonb" | "timestamp with time zone" => "text",
        other => anyhow::bail!("a type nobody has agreed on: {other}"),
    })
}

async fn sqlite_columns(db: &Db) -> Result<Columns> {
    let Tx::Sqlite(mut tx) = db.system_read().await? else {
        anyhow::bail!("this is SQLite");
    };
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT tables.name, columns.name, columns.type, columns.\"notnull\" = 0 AND columns.pk = 0
         FROM sqlite_master tables JOIN pragma_table_info(tables.name) columns
         WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' AND tables.name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *tx)
    .await?;
    rows.into_iter()
        .map(|(table, column, kind, empty)| Ok(((table, column), (common(&kind)?, empty))))
        .collect()
}

async fn postgres_columns(db: &Db) -> Result<Columns> {
    let Tx::Postgres(mut tx) = db.system_read().await? else {
        anyhow::bail!("this is PostgreSQL");
    };
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES'
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *tx)
    .await?;
    rows.into_iter()
        .map(|(table, column, kind, empty)| Ok(((table, column), (common(&kind)?, empty))))
        .collect()
}

async fn sqlite_indexes(db: &Db) -> Result<BTreeSet<String>> {
    let Tx::Sqlite(mut tx) = db.system_read().await? else {
        anyhow::bail!("this is SQLite");
    };
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
            .fetch_all(&mut *tx)
            .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

async fn postgres_indexes(db: &Db) -> Result<BTreeSet<String>> {
    let Tx::Postgres(mut tx) = db.system_read().await? else {
        anyhow::bail!("this is PostgreSQL");
    };
    let rows: Vec<(String,)> = sqlx::query_as(
        "SELECT relname::text FROM pg_class WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace
           AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = pg_class.oid)",
    )
    .fetch_all(&mut *tx)
    .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

#[test]
fn both_engines_hold_the_same_tables() -> Result<()> {
    if env::var("COXSWAIN_TEST_ENGINES").is_ok_and(|engines| engines == "sqlite") {
        return Ok(());
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let (sqlite, postgres) = (db::sqlite().await?, db::postgres().await?);
        let (left, right) = (sqlite_columns(&sqlite).await?, postgres_columns(&postgres).await?);
        assert!(left.len() > 100, "the columns are found: {}", left.len());
        for (column, left) in &left {
            assert_eq!(Some(left), right.get(column), "{column:?} on SQLite and on PostgreSQL");
        }
        let more: Vec<_> = right.keys().filter(|column| !left.contains_key(*column)).collect();
        assert!(more.is_empty(), "only on PostgreSQL: {more:?}");
        assert_eq!(sqlite_indexes(&sqlite).await?, postgres_indexes(&postgres).await?);
        Ok(())
    })
}

#[test]
fn both_folders_hold_the_same_migrations() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let names = |engine: &str| -> Result<BTreeSet<String>> {
        let entries = fs::read_dir(root.join(engine))?;
        entries.map(|entry| entry?.file_name().into_string().ok().context("a plain name")).collect()
    };
    let sqlite = names("sqlite")?;
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names("postgres")?);
    Ok(())
}
