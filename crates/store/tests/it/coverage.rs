//! No function of the store without a contract test: a statement nobody ran on both engines may not run at all.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// All Rust files under a folder.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// `module::function` of every public asynchronous function of the store that is not a method.
fn functions(root: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for path in sources(root)? {
        let first = path.strip_prefix(root)?.components().next().context("a file")?;
        let module =
            Path::new(&first).file_stem().and_then(|stem| stem.to_str()).context("a name")?.to_owned();
        let text = fs::read_to_string(&path)?;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("pub async fn ") {
                let name = rest.split(['(', '<']).next().unwrap_or_default();
                names.insert(format!("{module}::{name}"));
            }
        }
    }
    Ok(names)
}

#[test]
fn every_function_is_called_here() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let functions = functions(&root.join("src"))?;
    assert!(functions.len() > 100, "the functions are found: {}", functions.len());
    let mut tests = String::new();
    // What seeds every test's world is called by every test.
    let seed = root.join("../test-support/src/seed.rs");
    for path in sources(&root.join("tests/it"))?.into_iter().chain([seed]) {
        tests.push_str(&fs::read_to_string(path)?);
    }
    let uncalled: Vec<_> = functions.iter().filter(|name| !tests.contains(&format!("{name}("))).collect();
    assert!(uncalled.is_empty(), "give each of these a contract test: {uncalled:#?}");
    Ok(())
}
