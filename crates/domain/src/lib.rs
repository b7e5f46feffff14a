//! The words of Coxswain as types, and the ports through which it meets third parties.
//!
//! Nothing here does I/O. Every other crate depends on this one; it depends on none of them.

pub mod account;
pub mod answer;
pub mod attachment;
pub mod channel;
pub mod citation;
pub mod clock;
pub mod conversation;
pub mod decision;
pub mod document;
mod enums;
pub mod event;
#[cfg(feature = "fakes")]
pub mod fakes;
pub mod ids;
pub mod ports;
pub mod schedule;

pub use clock::{Clock, SharedClock, SystemClock};
pub use ids::*;
