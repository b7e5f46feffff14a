//! Composes Coxswain: reads the configuration, builds the parts, offers the command line.

pub mod cli;
pub mod config;
pub mod engine;
mod health;
mod leftovers;
mod ops;
pub mod serve;
mod telemetry;
