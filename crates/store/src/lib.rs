//! The relational store: one SQL text on `SQLite` and `PostgreSQL`.
//!
//! A [`Tx`] is a transaction in the name of one creator ([`Db::write`], [`Db::read`]) or of the
//! system ([`Db::system`]), which alone may look across creators: to find whose a token is, or
//! which job is due. Modules hold one group of tables each; their functions take a `&mut Tx`
//! first and, for a tenant's tables, the [`coxswain_domain::CreatorId`] next. Nothing is durable
//! before [`Tx::commit`], which callers write where a reader can see it.
//!
//! Statements are written once, in the dialect both engines share, and run through the macros
//! `fetch_all!`, `fetch_optional!`, `fetch_one!`, `execute!` and `later!`:
//!
//! ```ignore
//! let row: Option<DocumentRow> =
//!     fetch_optional!(tx, DocumentRow, "SELECT … WHERE creator_id = $1 AND id = $2", creator, id)?;
//! ```

#[macro_use]
mod sql;
mod db;
mod error;
mod sqlite;

pub mod api_keys;
pub mod attachments;
pub mod audit;
pub mod bases;
pub mod buckets;
pub mod canned_replies;
pub mod channel_accounts;
pub mod check_ins;
pub mod choices;
pub mod chunks;
pub mod client_events;
pub mod clients;
pub mod connections;
pub mod consents;
pub mod conversations;
pub mod creators;
pub mod decisions;
pub mod documents;
pub mod erasure;
pub mod feedback;
pub mod files;
pub mod folders;
pub mod gaps;
pub mod happenings;
pub mod idempotency;
pub mod identities;
pub mod inbox;
pub mod indexes;
pub mod ingestion;
pub mod jobs;
pub mod link_codes;
pub mod live;
pub mod members;
pub mod node;
pub mod notes;
pub mod notices;
pub mod outbox;
pub mod overview;
pub mod page;
pub mod portfolios;
pub mod progress;
pub mod quotes;
pub mod schedule;
pub mod sessions;
pub mod strays;
pub mod templates;
pub mod throttle;
pub mod traces;
pub mod usage;
pub mod webhooks;
pub mod widget_secrets;
pub mod widget_sessions;
pub mod work;

pub use db::{Db, DbOptions, Engine, Tx};
pub use error::StoreError;

/// What store functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
