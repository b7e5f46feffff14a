//! The whole product through its public face: the real program, over HTTP and on the command line.

mod answering;
mod app;
mod commands;
mod crashes;
mod erasing;
mod events;
mod fixtures;
mod model_faults;
mod nudge;
mod outage;
mod replacing;
mod resuming;
mod rows;
mod stopping;
