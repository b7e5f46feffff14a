//! Reaching out first: what is due, whether it may be sent, and why.
//!
//! The [`Engine`] finds due moments in the store, asks the one [`gate`] at the moment of sending,
//! and records what it decided with the message in one transaction: whatever dies when, a moment
//! is decided once.

mod channel;
mod engine;
pub mod gate;

pub use engine::{Engine, Ticked};
