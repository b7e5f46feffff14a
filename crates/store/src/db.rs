//! The database and its transactions.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use coxswain_domain::CreatorId;
use sqlx::{
    Executor, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    Result, StoreError,
    sqlite::{Connections, SqliteTx},
};

/// How long a transaction waits for a connection or for `SQLite`'s one writer.
const WAIT: Duration = Duration::from_secs(10);

/// Which engine is behind a [`Db`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// For many machines.
    Postgres,
}

/// Where the database is.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Connections at most: to `PostgreSQL`, or for reading to `SQLite`.
    pub connections: u32,
}

impl DbOptions {
    /// A `SQLite` file, made when missing.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self { url: format!("sqlite:{}", path.into().display()), connections: 8 }
    }
}

/// The database: cheap to clone, safe to share.
#[derive(Clone, Debug)]
pub enum Db {
    /// One writing connection, so that writers queue here and not in `SQLite`'s busy handler, and several readers.
    Sqlite {
        /// The one writer.
        write: Arc<Connections>,
        /// The readers.
        read: Arc<Connections>,
    },
    /// One pool; every connection acts as the role that row-level security binds.
    Postgres(PgPool),
}

/// A transaction on either engine. Dropped without [`Tx::commit`], it leaves nothing.
#[derive(Debug)]
pub enum Tx {
    /// On `SQLite`.
    Sqlite(SqliteTx),
    /// On `PostgreSQL`.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Connects and brings the schema up to date.
    pub async fn open(options: &DbOptions) -> Result<Self> {
        match options.url.split(':').next() {
            Some("sqlite") => Self::open_sqlite(options).await,
            Some("postgres" | "postgresql") => Self::open_postgres(options).await,
            _ => Err(StoreError::Url("it must begin with sqlite: or postgres://".into())),
        }
    }

    async fn open_sqlite(options: &DbOptions) -> Result<Self> {
        let connect = SqliteConnectOptions::from_str(&options.url)
            .map_err(|error| StoreError::Url(error.to_string()))?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // In WAL mode NORMAL loses nothing when the process dies; only a power cut can cost the last commits.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(WAIT)
            .statement_cache_capacity(1024)
            .pragma("cache_size", "-8192")
            // No mmap_size: after every commit each reader would unmap the file and fault its pages in again.
            .pragma("temp_store", "memory");
        let write = Connections::new(connect.clone(), 1, WAIT);
        sqlx::migrate!("../../migrations/sqlite").run(&mut *write.take().await?).await?;
        let read = Connections::new(connect.read_only(true), options.connections.max(1), WAIT);
        Ok(Self::Sqlite { write, read })
    }

    async fn open_postgres(options: &DbOptions) -> Result<Self> {
        let connect = PgConnectOptions::from_str(&options.url)
            .map_err(|error| StoreError::Url(error.to_string()))?
            .application_name("coxswain");
        let migrator = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT)
            .connect_with(connect.clone())
            .await?;
        sqlx::migrate!("../../migrations/postgres").run(&migrator).await?;
        migrator.close().await;
        let pool = PgPoolOptions::new()
            .max_connections(options.connections.max(1))
            .acquire_timeout(WAIT)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // A superuser or table owner would pass row-level security by.
                    connection.execute("SET ROLE coxswain_app").await?;
                    Ok(())
                })
            })
            .connect_with(connect)
            .await?;
        Ok(Self::Postgres(pool))
    }

    /// Which engine this is.
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// A transaction that may write, for one creator.
    pub async fn write(&self, creator: CreatorId) -> Result<Tx> {
        self.begin(true, Some(creator)).await
    }

    /// A transaction that only reads, for one creator.
    pub async fn read(&self, creator: CreatorId) -> Result<Tx> {
        self.begin(false, Some(creator)).await
    }

    /// As [`Db::read`], for looks that need not agree with each other: on `SQLite`, where every
    /// statement is a message to another thread, it saves the one that ends a transaction.
    pub async fn glance(&self, creator: CreatorId) -> Result<Tx> {
        match self {
            Self::Sqlite { read, .. } => Ok(Tx::Sqlite(SqliteTx::glance(read.take().await?))),
            Self::Postgres(_) => self.read(creator).await,
        }
    }

    /// A transaction that may write, for the system itself: it sees the tables through which a
    /// creator is found (tokens, keys, jobs, schedules), never a creator's content on `PostgreSQL`.
    pub async fn system(&self) -> Result<Tx> {
        self.begin(true, None).await
    }

    /// As [`Db::system`], only reading.
    pub async fn system_read(&self) -> Result<Tx> {
        self.begin(false, None).await
    }

    /// As [`Db::glance`], for the system.
    pub async fn system_glance(&self) -> Result<Tx> {
        match self {
            Self::Sqlite { read, .. } => Ok(Tx::Sqlite(SqliteTx::glance(read.take().await?))),
            Self::Postgres(_) => self.system_read().await,
        }
    }

    async fn begin(&self, writes: bool, creator: Option<CreatorId>) -> Result<Tx> {
        match self {
            Self::Sqlite { write, .. } if writes => {
                Ok(Tx::Sqlite(SqliteTx::whole(write.take().await?, "BEGIN IMMEDIATE")))
            }
            Self::Sqlite { read, .. } => Ok(Tx::Sqlite(SqliteTx::whole(read.take().await?, "BEGIN"))),
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let (scope, id) = creator.map_or(("system", String::new()), |id| ("tenant", id.to_string()));
                sqlx::query(
                    "SELECT set_config('app.scope', $1, true), set_config('app.creator_id', $2, true)",
                )
                .bind(scope)
                .bind(id)
                .execute(&mut *tx)
                .await?;
                Ok(Tx::Postgres(tx))
            }
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        let mut tx = self.system_read().await?;
        let (_one,): (i64,) = fetch_one!(&mut tx, (i64,), "SELECT CAST(1 AS BIGINT)")?;
        Ok(())
    }

    /// Closes every connection; on `SQLite` the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything done in this transaction durable.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// On `PostgreSQL`, from now on acts for this creator: for system work that has found whose it is.
    pub async fn act_for(&mut self, creator: CreatorId) -> Result<()> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT set_config('app.creator_id', $1, true)")
                .bind(creator.to_string())
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// The dialects' one difference: skip rows that another worker is claiming right now.
    pub(crate) const fn skip_locked(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }
}
