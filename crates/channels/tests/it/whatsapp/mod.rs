//! `WhatsApp`: the webhook over real databases, reading, and sending to a server of our own.

mod double;
mod fixtures;
mod provider;
mod reading;
mod sending;
mod webhook;
mod world;

/// The business number of creator A, as in the fixtures.
const NUMBER: &str = "700100200300";
/// The business number of creator B.
const OTHER_NUMBER: &str = "700100200999";

/// A webhook that ships with the tests.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/whatsapp/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a fixture that ships with the tests")
}
