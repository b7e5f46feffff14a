//! How people reach a coach: the web widget, and messengers over one durable road.

mod files;
pub mod road;
pub mod telegram;
pub mod web;
pub mod whatsapp;
