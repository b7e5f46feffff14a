//! Macros that run one SQL text on whichever engine a [`crate::Tx`] holds.
//!
//! The body is expanded once for each engine, so row types are checked against both drivers.

/// All rows of a query, as `$row` (a `FromRow` type, or a tuple).
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::Tx::Sqlite(t) => {
                let (sql, arguments) = t.joined($sql);
                let rows = sqlx::query_as_with::<_, $row, _>(sql, arguments)$(.bind($bind))*.fetch_all(&mut **t).await;
                t.saw(rows)
            }
            $crate::Tx::Postgres(t) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **t).await,
        }
        .map_err($crate::StoreError::from)
    };
}

/// The one row of a query, if there is one.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::Tx::Sqlite(t) => {
                let (sql, arguments) = t.joined($sql);
                let rows = sqlx::query_as_with::<_, $row, _>(sql, arguments)$(.bind($bind))*.fetch_optional(&mut **t).await;
                t.saw(rows)
            }
            $crate::Tx::Postgres(t) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **t).await,
        }
        .map_err($crate::StoreError::from)
    };
}

/// The one row of a query that always has one.
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::Tx::Sqlite(t) => {
                let (sql, arguments) = t.joined($sql);
                let rows = sqlx::query_as_with::<_, $row, _>(sql, arguments)$(.bind($bind))*.fetch_one(&mut **t).await;
                t.saw(rows)
            }
            $crate::Tx::Postgres(t) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(&mut **t).await,
        }
        .map_err($crate::StoreError::from)
    };
}

/// Runs a statement; the number of rows it touched.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::Tx::Sqlite(t) => {
                let (sql, arguments) = t.joined($sql);
                let query = sqlx::query_with(sql, arguments)$(.bind($bind))*;
                t.run(query).await
            }
            $crate::Tx::Postgres(t) => sqlx::query($sql)$(.bind($bind))*.execute(&mut **t).await.map(|done| done.rows_affected()),
        }
        .map_err($crate::StoreError::from)
    };
}

/// Runs a statement at the latest when the transaction commits: for one that always succeeds or makes the
/// transaction fail. A failure is reported by it or by a later statement.
macro_rules! later {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::Tx::Sqlite(t) => {
                t.put_off($sql);
                Ok::<(), $crate::StoreError>(())$(.and_then(|()| t.argument($bind)))*
            }
            $crate::Tx::Postgres(t) => match sqlx::query($sql)$(.bind($bind))*.execute(&mut **t).await {
                Ok(_) => Ok(()),
                Err(error) => Err($crate::StoreError::from(error)),
            },
        }
    };
}

/// Makes text mean itself in a LIKE pattern whose escape is `!`.
pub(crate) fn like(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
