//! The durable road between messengers and the engine: in through the inbox, out through the outbox.
//!
//! Whatever the messenger, the same steps keep the same promises: raw bytes and job are durable before
//! the provider hears 200; one conversation is worked on by one worker at a time; every part leaves
//! under a key of its own; every answer of a provider is judged by one table.

pub mod arrival;
mod backoff;
mod classify;
pub mod messenger;
mod phrases;
mod words;

pub use backoff::{Backoff, Jitter, Last, Scope};
pub use classify::{Action, Consequence, TemplateFault, Verdict, classify};
pub use words::link_code;
