//! The widget's HTTP surface over real databases; only the engine that writes answers is a double.

mod app;
mod consenting;
mod conversing;
mod engine;
mod files;
mod limiting;
mod nodes;
mod road;
mod streaming;
mod telegram_bots;
mod telegram_polling;
mod telegram_reading;
mod telegram_sending;
mod telegram_webhook;
mod tenancy;
mod whatsapp;
mod widget_attachments;
mod widget_feedback;
mod widget_human;
mod widget_identity;
mod widget_links;
mod widget_transcript;
