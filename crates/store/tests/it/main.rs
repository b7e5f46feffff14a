//! The contract suite: every function of the store, on both engines.

mod clients;
mod opening;
