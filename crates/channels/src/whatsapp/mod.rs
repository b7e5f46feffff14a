//! `WhatsApp` over the Business Cloud API.
//!
//! In: [`webhook`] checks the signature over the raw bytes, [`split`] takes the batch apart, and every piece
//! is durable before Meta hears 200; [`read`] makes events of the pieces later. Out: [`Whatsapp`] sends one
//! answer as one message. A person is a business-scoped user id; a phone number is optional and never the key.

mod advice;
mod body;
pub mod connect;
mod envelope;
pub mod format;
mod graph;
mod identity;
mod message;
mod news;
pub mod read;
mod rich;
mod send;
mod settings;
mod signature;
mod sources;
pub mod split;
pub mod templates;
mod tolerant;
mod types;
pub mod webhook;
pub mod window;

pub(crate) use news::people_a_day;
pub use send::Whatsapp;
pub use settings::WhatsappSettings;
