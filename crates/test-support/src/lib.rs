//! Doubles of third parties that speak the real protocol, and private databases for tests.

pub mod db;
pub mod endpoint;
pub mod faults;
pub mod ollama;
pub mod postgres;
pub mod qdrant;
pub mod seed;
pub mod smtp;
pub mod telegram;
pub mod whatsapp;
