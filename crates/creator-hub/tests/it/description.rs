//! The API's description is checked in, so that the portal's types can be made from it.

use std::{env, fs, path::Path};

#[test]
fn the_description_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let mut now = coxswain_creator_hub::openapi().to_pretty_json().unwrap();
    now.push('\n');
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(&path, &now).unwrap();
    }
    // As values: the order of keys depends on what else is compiled along.
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        value(&checked_in) == value(&now),
        "openapi.json is stale: run the tests once with UPDATE_OPENAPI=1"
    );
}
