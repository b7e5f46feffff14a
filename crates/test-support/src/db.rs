//! A fresh, private database for each test, on either engine.

use std::{env, future::Future, ops::Deref};

use anyhow::Result;
use coxswain_store::{Db, DbOptions};
use tempfile::TempDir;

use crate::postgres::Database;

/// An opened, migrated and empty database, gone when dropped. It is a [`Db`] in all respects.
#[derive(Debug)]
pub struct TestDb {
    db: Db,
    url: String,
    _place: Place,
}

#[derive(Debug)]
#[expect(dead_code, reason = "held for what dropping it does")]
enum Place {
    Sqlite(TempDir),
    Postgres(Database),
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl TestDb {
    /// The database's URL; on `PostgreSQL` as a superuser, whom row-level security does not bind.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens the database once more, as a second process would.
    pub async fn open_again(&self) -> Result<Db> {
        Ok(Db::open(&DbOptions { url: self.url.clone(), connections: 4 }).await?)
    }
}

/// A `SQLite` file in a folder of its own.
pub async fn sqlite() -> Result<TestDb> {
    let folder = tempfile::tempdir()?;
    let options = DbOptions { connections: 4, ..DbOptions::sqlite(folder.path().join("coxswain.db")) };
    Ok(TestDb { db: Db::open(&options).await?, url: options.url, _place: Place::Sqlite(folder) })
}

/// A database on the shared private `PostgreSQL`.
pub async fn postgres() -> Result<TestDb> {
    let database = Database::create().await?;
    let options = DbOptions { url: database.url()?, connections: 4 };
    Ok(TestDb { db: Db::open(&options).await?, url: options.url, _place: Place::Postgres(database) })
}

/// Runs one test of a [`crate::contract!`] on `SQLite`.
pub fn on_sqlite(test: impl AsyncFnOnce(&TestDb) -> Result<()>) -> Result<()> {
    block_on(async { test(&sqlite().await?).await })
}

/// Runs one test of a [`crate::contract!`] on `PostgreSQL`, unless `COXSWAIN_TEST_ENGINES=sqlite`.
pub fn on_postgres(test: impl AsyncFnOnce(&TestDb) -> Result<()>) -> Result<()> {
    if env::var("COXSWAIN_TEST_ENGINES").is_ok_and(|engines| engines == "sqlite") {
        return Ok(());
    }
    block_on(async { test(&postgres().await?).await })
}

fn block_on(test: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(test)
}

/// Makes each named function, `async fn(&TestDb) -> anyhow::Result<()>`, a test on both engines:
/// `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() -> ::anyhow::Result<()> { $crate::db::on_sqlite(super::$name) })*
        }
        mod postgres {
            $(#[test] fn $name() -> ::anyhow::Result<()> { $crate::db::on_postgres(super::$name) })*
        }
    };
}
