//! Why the store could not do it.

/// A failure of the store, named for what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is too busy: answer 503, let the caller try again.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// A unique constraint already holds such a row: answer 409.
    #[error("a row like this exists already ({constraint})")]
    Conflict {
        /// The constraint, as the engine names it.
        constraint: String,
    },
    /// A row refers to something that is not there (any more): answer 404 or 409.
    #[error("a row refers to something that does not exist")]
    Dangling,
    /// What is stored cannot be understood: a bug or a damaged database.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
    /// A statement failed: a bug.
    #[error("a statement failed")]
    Statement(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database URL cannot be used.
    #[error("the database URL cannot be used: {0}")]
    Url(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        match &error {
            sqlx::Error::Database(db) => match db.kind() {
                ErrorKind::UniqueViolation => Self::Conflict {
                    constraint: db.constraint().map_or_else(|| db.message().to_owned(), str::to_owned),
                },
                ErrorKind::ForeignKeyViolation => Self::Dangling,
                // SQLite: 5 busy, 13 disk full. PostgreSQL: class 08 connection, 53 resources, 57 shutdown.
                _ if db.code().is_some_and(|code| {
                    matches!(&*code, "5" | "13" | "261" | "517")
                        || ["08", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                }) =>
                {
                    Self::Unavailable(error)
                }
                _ => Self::Statement(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(error.to_string()),
            _ => Self::Statement(error),
        }
    }
}

/// Reads a stored name back into its type, or reports the row as damaged.
pub(crate) fn known<T>(value: Option<T>, what: &str, name: &str) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::Corrupt(format!("{what} {name:?}")))
}
