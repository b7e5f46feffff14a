//! Composes Coxswain: reads the configuration, builds the parts, offers the command line.

pub mod config;
pub mod ops;
pub mod telemetry;
