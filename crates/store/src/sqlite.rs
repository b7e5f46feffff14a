//! Connections to `SQLite`, and transactions on them that talk as little as they can.
//!
//! sqlx runs every connection on a thread of its own. Sending it a statement and waiting for the answer
//! takes longer than most statements do, so `BEGIN` travels with the first statement, statements whose
//! outcome nobody waits for (`later!`) with the next one, and the last of them with `COMMIT`. For the
//! same reason connections are kept here and not in sqlx's pool, which asks each one that comes back
//! whether it is still there: a file is.

use std::{
    mem,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use futures::{FutureExt, TryStreamExt};
use parking_lot::Mutex;
use sqlx::{
    Arguments, AssertSqlSafe, ConnectOptions, Connection, Either, Encode, Executor, SqlSafeStr, SqlStr,
    Sqlite, SqliteConnection, Type,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnectOptions},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Result;

/// Connections to one file, opened when they are first needed and kept.
#[derive(Debug)]
pub struct Connections {
    options: SqliteConnectOptions,
    free: Mutex<Vec<SqliteConnection>>,
    places: Arc<Semaphore>,
    most: u32,
    wait: Duration,
}

impl Connections {
    /// At most `most` connections; who finds none free waits for `wait` at most.
    pub(crate) fn new(options: SqliteConnectOptions, most: u32, wait: Duration) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(most as usize));
        Arc::new(Self { options, free: Mutex::default(), places, most, wait })
    }

    /// A connection for as long as it is held.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Held> {
        let place = tokio::time::timeout(self.wait, Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        // The last to come back has the warmest cache.
        let free = self.free.lock().pop();
        let connection = match free {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Held { connection: Some(connection), home: Arc::clone(self), dead: false, _place: place })
    }

    /// Waits for the connections that are held, and closes all.
    pub(crate) async fn close(&self) {
        let all = tokio::time::timeout(self.wait, self.places.acquire_many(self.most)).await;
        if all.is_err() {
            tracing::warn!("a connection to the database was still in use at the end");
        }
        self.places.close();
        let free = mem::take(&mut *self.free.lock());
        for connection in free {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a connection to the database was not closed in order");
            }
        }
    }
}

/// A connection that goes back when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    /// `None` only while it is dropped.
    connection: Option<SqliteConnection>,
    home: Arc<Connections>,
    /// Whether its thread has died, so that nobody should have it next.
    dead: bool,
    // Given back after the connection is.
    _place: OwnedSemaphorePermit,
}

impl Deref for Held {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().unwrap_or_else(|| unreachable!("it is there until it is dropped"))
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().unwrap_or_else(|| unreachable!("it is there until it is dropped"))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let connection = self.connection.take();
        if !self.dead {
            self.home.free.lock().extend(connection);
        }
    }
}

/// A transaction, or a connection for single looks.
#[derive(Debug)]
pub struct SqliteTx {
    connection: Held,
    /// Whether statements see and make one state; otherwise each sees the newest.
    whole: bool,
    /// Whether a transaction may be open in the engine.
    open: bool,
    /// What goes ahead of the next statement, in the same message.
    ahead: String,
    arguments: SqliteArguments,
}

impl SqliteTx {
    /// A transaction that `begin` begins, with its first statement.
    pub(crate) fn whole(connection: Held, begin: &'static str) -> Self {
        let arguments = SqliteArguments::default();
        Self { connection, whole: true, open: false, ahead: begin.to_owned(), arguments }
    }

    /// Single looks.
    pub(crate) fn glance(connection: Held) -> Self {
        let arguments = SqliteArguments::default();
        Self { connection, whole: false, open: false, ahead: String::new(), arguments }
    }

    /// What is sent for a statement: it and everything that was put off, and the arguments of the latter.
    pub(crate) fn joined(&mut self, sql: &'static str) -> (SqlStr, SqliteArguments) {
        self.open = self.whole;
        if self.ahead.is_empty() {
            return (sql.into_sql_str(), SqliteArguments::default());
        }
        let arguments = mem::take(&mut self.arguments);
        let mut text = mem::take(&mut self.ahead);
        append(&mut text, sql, arguments.len());
        // Every piece of it is a literal of this crate.
        (AssertSqlSafe(text).into_sql_str(), arguments)
    }

    /// Puts a statement off; [`SqliteTx::argument`] adds what it binds, in order, beginning at `$1`.
    pub(crate) fn put_off(&mut self, sql: &'static str) {
        debug_assert!(self.whole, "what is put off is sent with a commit");
        append(&mut self.ahead, sql, self.arguments.len());
    }

    /// Binds the next argument of the statement put off last.
    pub(crate) fn argument<'q, T: Encode<'q, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> Result<()> {
        self.arguments.add(value).map_err(|error| sqlx::Error::Encode(error).into())
    }

    /// What a statement came to, seen by the connection too.
    pub(crate) fn saw<T>(&mut self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        self.connection.dead |= matches!(outcome, Err(sqlx::Error::WorkerCrashed));
        outcome
    }

    /// Runs a statement from [`SqliteTx::joined`]; the number of rows it touched, whatever went ahead of it.
    pub(crate) async fn run(&mut self, query: Query<'_, Sqlite, SqliteArguments>) -> sqlx::Result<u64> {
        let connection: &mut SqliteConnection = &mut self.connection;
        let touched = connection.fetch_many(query).try_fold(0, async |touched, step| {
            Ok(match step {
                Either::Left(done) => done.rows_affected(),
                Either::Right(_) => touched,
            })
        });
        let outcome = touched.await;
        self.saw(outcome)
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        if self.open || self.arguments.len() > 0 {
            let (sql, arguments) = self.joined("COMMIT");
            self.run(sqlx::query_with(sql, arguments)).await?;
            self.open = false;
        }
        Ok(())
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if self.open {
            // The first poll hands the statement to the connection's thread, which runs it after whatever it
            // was sent before and ahead of all that the next holder sends. Nobody has to wait for it.
            let _sent = self.connection.execute("ROLLBACK").now_or_never();
        }
    }
}

/// Adds a statement whose first argument is the one after `before` others.
fn append(text: &mut String, sql: &str, before: usize) {
    if !text.is_empty() {
        text.push_str(";\n");
    }
    if before == 0 {
        text.push_str(sql);
        return;
    }
    let mut pieces = sql.split('$');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        text.push('$');
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        match piece[..digits].parse::<usize>() {
            Ok(place) => text.push_str(&(place + before).to_string()),
            Err(_) => text.push_str(&piece[..digits]),
        }
        text.push_str(&piece[digits..]);
    }
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn a_statement_finds_its_arguments_behind_those_of_others() {
        let mut text = String::from("BEGIN");
        append(&mut text, "UPDATE a SET b = $1 WHERE c = $2", 0);
        append(&mut text, "SELECT d->>'$.e' FROM f WHERE g IN ($1, $12)", 2);
        assert_eq!(
            text,
            "BEGIN;\nUPDATE a SET b = $1 WHERE c = $2;\nSELECT d->>'$.e' FROM f WHERE g IN ($3, $14)"
        );
    }
}
