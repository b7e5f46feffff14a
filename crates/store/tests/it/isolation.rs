//! Row-level security on `PostgreSQL`: even a statement that forgot to name its creator sees and
//! changes nobody else's rows. Over every table there is, so that a new one cannot be forgotten.

use std::env;

use anyhow::{Context, Result};
use coxswain_domain::CreatorId;
use coxswain_store::{Db, Tx};
use coxswain_test_support::db::{self, TestDb};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::now;

/// Runs a test on `PostgreSQL` with one row of each of two creators in every tenant table.
fn with_rows(test: impl AsyncFnOnce(&TestDb, Vec<Table>, [CreatorId; 2]) -> Result<()>) -> Result<()> {
    if env::var("COXSWAIN_TEST_ENGINES").is_ok_and(|engines| engines == "sqlite") {
        return Ok(());
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let db = db::postgres().await?;
        let creators = [CreatorId::new(now()), CreatorId::new(now())];
        let mut admin = PgConnection::connect(db.url()).await?;
        let tables = tables(&mut admin).await?;
        assert!(tables.len() > 20, "the tables are found: {}", tables.len());
        // Made-up rows refer to nothing; a superuser may leave that unchecked.
        admin.execute("SET session_replication_role = replica").await?;
        for table in &tables {
            for creator in creators {
                admin.execute(AssertSqlSafe(table.insert(creator))).await.context(table.name.clone())?;
            }
        }
        test(&db, tables, creators).await
    })
}

/// A table that belongs to creators.
struct Table {
    name: String,
    /// The column that says whose a row is.
    owner: &'static str,
    columns: Vec<(String, String)>,
}

impl Table {
    /// A statement that adds a row of a creator, made up but for its owner.
    fn insert(&self, creator: CreatorId) -> String {
        let value = |(name, kind): &(String, String)| {
            if name == self.owner {
                return format!("'{creator}'");
            }
            let value = match kind.as_str() {
                "uuid" => "gen_random_uuid()",
                "bytea" => "decode(md5(random()::text), 'hex')",
                "bigint" => "(random() * 1000000)::bigint",
                "boolean" => "TRUE",
                "jsonb" => "'{}'",
                "timestamp with time zone" => "'2026-11-20T12:00:00Z'",
                _ => "md5(random()::text)",
            };
            value.to_owned()
        };
        let names: Vec<_> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<_> = self.columns.iter().map(value).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, names.join(", "), values.join(", "))
    }
}

/// Every table with a creator, and `creators` itself.
async fn tables(admin: &mut PgConnection) -> Result<Vec<Table>> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
         WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
    )
    .fetch_all(admin)
    .await?;
    let mut all: Vec<Table> = Vec::new();
    for (name, column, kind) in rows {
        if all.last().is_none_or(|table| table.name != name) {
            let owner = if name == "creators" { "id" } else { "creator_id" };
            all.push(Table { name, owner, columns: Vec::new() });
        }
        if let Some(table) = all.last_mut() {
            table.columns.push((column, kind));
        }
    }
    all.retain(|table| table.columns.iter().any(|(column, _)| column == table.owner));
    Ok(all)
}

async fn count(tx: &mut Transaction<'static, Postgres>, sql: String) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut **tx).await?;
    Ok(count)
}

async fn acting(db: &Db, creator: CreatorId) -> Result<Transaction<'static, Postgres>> {
    match db.write(creator).await? {
        Tx::Postgres(tx) => Ok(tx),
        Tx::Sqlite(_) => anyhow::bail!("this is PostgreSQL"),
    }
}

#[test]
fn every_tenant_table_is_guarded() -> Result<()> {
    with_rows(async |db, tables, _| {
        let mut admin = PgConnection::connect(db.url()).await?;
        for table in tables {
            let (enabled, forced, policies): (bool, bool, i64) = sqlx::query_as(
                "SELECT relrowsecurity, relforcerowsecurity,
                   (SELECT COUNT(*) FROM pg_policies WHERE schemaname = 'public' AND tablename = $1)
                 FROM pg_class WHERE oid = ('public.' || $1)::regclass",
            )
            .bind(&table.name)
            .fetch_one(&mut admin)
            .await?;
            assert!(enabled && forced && policies == 1, "{}: {enabled} {forced} {policies}", table.name);
        }
        let (superuser, bypass, inherits, owns): (bool, bool, i64, i64) = sqlx::query_as(
            "SELECT rolsuper, rolbypassrls,
               (SELECT COUNT(*) FROM pg_auth_members WHERE member = pg_roles.oid),
               (SELECT COUNT(*) FROM pg_class WHERE relowner = pg_roles.oid)
             FROM pg_roles WHERE rolname = 'coxswain_app'",
        )
        .fetch_one(&mut admin)
        .await?;
        assert_eq!((superuser, bypass, inherits, owns), (false, false, 0, 0), "the role cannot pass it by");
        let mut tx = acting(db, CreatorId(Uuid::nil())).await?;
        let (role,): (String,) = sqlx::query_as("SELECT current_user::text").fetch_one(&mut *tx).await?;
        assert_eq!(role, "coxswain_app");
        Ok(())
    })
}

#[test]
fn a_creator_sees_only_their_own_rows() -> Result<()> {
    with_rows(async |db, tables, [mine, other]| {
        let mut tx = acting(db, mine).await?;
        for Table { name, owner, .. } in &tables {
            let seen = count(&mut tx, format!("SELECT COUNT(*) FROM {name}")).await?;
            let others =
                count(&mut tx, format!("SELECT COUNT(*) FROM {name} WHERE {owner} = '{other}'")).await?;
            assert_eq!((seen, others), (1, 0), "{name}");
        }
        let mut nobody = acting(db, CreatorId(Uuid::nil())).await?;
        for Table { name, .. } in &tables {
            assert_eq!(count(&mut nobody, format!("SELECT COUNT(*) FROM {name}")).await?, 0, "{name}");
        }
        Ok(())
    })
}

#[test]
fn a_creator_changes_only_their_own_rows() -> Result<()> {
    with_rows(async |db, tables, [mine, other]| {
        for table in &tables {
            let Table { name, owner, .. } = table;
            let mut tx = acting(db, mine).await?;
            let changed = tx.execute(AssertSqlSafe(format!("UPDATE {name} SET {owner} = {owner}"))).await?;
            assert_eq!(changed.rows_affected(), 1, "{name}");
            let removed =
                tx.execute(AssertSqlSafe(format!("DELETE FROM {name} WHERE {owner} = '{other}'"))).await?;
            assert_eq!(removed.rows_affected(), 0, "{name}");
            let given = tx.execute(AssertSqlSafe(table.insert(other))).await;
            let refused = given.err().and_then(sqlx::Error::into_database_error);
            let code = refused.as_ref().and_then(|error| error.code()).unwrap_or_default().into_owned();
            assert_eq!(code, "42501", "a row of another creator in {name}: {refused:?}");
            drop(tx);
            let mut tx = acting(db, mine).await?;
            let given = tx.execute(AssertSqlSafe(format!("UPDATE {name} SET {owner} = '{other}'"))).await;
            assert!(given.is_err(), "{name}: a row cannot be given away");
        }
        Ok(())
    })
}

#[test]
fn the_system_sees_no_content() -> Result<()> {
    // What the system may look across creators for: whose a token or a key is, and what is due.
    const CROSSED: [&str; 19] = [
        "api_keys",
        "audit_log",
        "channel_accounts",
        "check_in_schedule",
        "check_ins",
        "connections",
        "conversations",
        "creators",
        "document_versions",
        "happenings",
        "inbox",
        "indexes",
        "jobs",
        "members",
        "messages",
        "outbox",
        "sessions",
        "webhooks",
        "widget_sessions",
    ];
    with_rows(async |db, tables, _| {
        let Tx::Postgres(mut tx) = db.system().await? else {
            anyhow::bail!("this is PostgreSQL");
        };
        for Table { name, .. } in &tables {
            let seen = count(&mut tx, format!("SELECT COUNT(*) FROM {name}")).await?;
            let expected = if CROSSED.contains(&name.as_str()) { 2 } else { 0 };
            assert_eq!(seen, expected, "{name}");
        }
        Ok(())
    })
}
