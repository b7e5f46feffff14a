//! Telegram bots: many in one process, one for each creator who has one.
//!
//! Updates are read from their raw bytes by types of our own, since a library's strict ones would lose
//! whatever Telegram adds. They come by webhook or by long polling; either way an update is durable before
//! Telegram may forget it.

mod advice;
mod api;
mod calls;
mod connect;
mod format;
mod message;
mod poll;
mod read;
mod rich;
mod send;
mod sources;
mod split;
mod types;
mod webhook;

pub use connect::{BotAccount, ConnectError};
pub use poll::Poller;
pub use read::read;
pub use send::Telegram;
pub use webhook::{HookState, router};
