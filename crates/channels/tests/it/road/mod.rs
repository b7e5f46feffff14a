//! The road over real databases: one test for each promise it keeps. Only the provider is a double.

mod carrier;
mod everyday;
mod world;
