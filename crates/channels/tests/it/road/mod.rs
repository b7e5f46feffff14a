//! The road over real databases: one test for each promise it keeps. Only the provider is a double.

mod carrier;
mod citing;
mod crashing;
mod errors;
mod everyday;
mod identities;
mod incoming;
mod outgoing;
mod rates;
mod rules;
mod world;
