//! Telling webhooks what happened: [`Spreader`] makes deliveries of what was noted, [`Deliverer`] posts them.

pub(crate) mod address;
mod backoff;
mod deliver;
mod post;
pub(crate) mod sign;
mod spread;

pub use deliver::Deliverer;
pub use spread::Spreader;
