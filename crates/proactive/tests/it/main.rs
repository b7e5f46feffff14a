//! Reaching out first, on both engines and through time.

mod channels;
mod due;
mod gate;
mod once;
mod rules;
mod world;
mod zones;
