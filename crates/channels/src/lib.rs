//! How people reach a coach: the web widget, and messengers over one durable road.

pub mod road;
pub mod web;
