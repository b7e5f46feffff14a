//! Composes Coxswain: reads the configuration, builds the parts, offers the command line.

pub mod cli;
pub mod config;
pub mod engine;
mod health;
mod integrators;
mod leftovers;
mod messengers;
mod ops;
pub mod serve;
mod suggest;
mod telemetry;

/// Answers are made of many short texts; the system's allocator gives their memory back and asks for it again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
