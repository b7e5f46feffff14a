//! Notices when the widget was built anew, so that what is embedded is never stale.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let dist = Path::new("widget/dist");
    // A watched folder that does not exist would make cargo rebuild this crate every time.
    fs::create_dir_all(dist)?;
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
