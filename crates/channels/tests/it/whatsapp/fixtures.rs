//! Real payloads, from a folder that does not ship with the project.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, io::Write as _, path::Path};

use anyhow::{Context, Result, ensure};
use chrono::DateTime;
use coxswain_channels::{
    road::arrival::Content,
    whatsapp::{read::read, split::split},
};

fn kind(content: &Content) -> String {
    let name = format!("{content:?}");
    name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// Reads `$COXSWAIN_FIXTURES/whatsapp/*.json`: every item becomes an event, none is lost.
#[test]
fn every_real_payload_is_read() -> Result<()> {
    let Ok(folder) = env::var("COXSWAIN_FIXTURES") else { return Ok(()) };
    let received_at = DateTime::from_timestamp(1_795_000_000, 0).context("a moment")?;
    let mut table: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let mut files = 0;
    for file in fs::read_dir(Path::new(&folder).join("whatsapp"))? {
        let path = file?.path();
        let name = path.file_name().context("a name")?.to_string_lossy().into_owned();
        let split = split(&fs::read(&path)?, received_at);
        ensure!(split.strays.is_empty(), "{name}: {:?}", split.strays);
        ensure!(!split.items.is_empty(), "{name} holds nothing");
        for item in split.items {
            let arrival = read(&item.raw).with_context(|| name.clone())?;
            let row = table.entry(kind(&arrival.content)).or_default();
            row.0 += 1;
            row.1.push(format!("{name}: {:?} from {:?}", arrival.content, arrival.sender));
        }
        files += 1;
    }
    let mut told = String::new();
    for (kind, (count, rows)) in &table {
        writeln!(told, "{kind}: {count}\n    {}", rows.join("\n    "))?;
    }
    writeln!(told, "{files} files, {} items", table.values().map(|row| row.0).sum::<usize>())?;
    std::io::stderr().write_all(told.as_bytes())?;
    ensure!(files > 0, "{folder} holds no payloads");
    Ok(())
}
