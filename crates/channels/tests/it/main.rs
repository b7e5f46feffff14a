//! The widget's HTTP surface over real databases; only the engine that writes answers is a double.

mod app;
mod consenting;
mod conversing;
mod engine;
mod files;
mod limiting;
mod streaming;
mod tenancy;
