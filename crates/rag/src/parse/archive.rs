//! Formats that are ZIP archives: looked through before any library unpacks them.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use coxswain_domain::document::DocumentKind;
use zip::ZipArchive;

use super::{Limits, ParseError, Reason, sniff};

/// Below this a file inside may be packed as tightly as it likes.
const SMALL: u64 = 1 << 20;
/// Where a document type, and with it entities, may stand: before the first element.
const PROLOGUE: u64 = 64 << 10;

/// Opens the archive at `path`, makes sure that it holds a document of this `kind` and that
/// unpacking it is safe. Names are counted first, then every file that a reader would parse is
/// unpacked once into nothing, since what a ZIP says of sizes need not be true.
pub(crate) fn check(path: &Path, kind: DocumentKind, limits: &Limits) -> Result<(), ParseError> {
    let damaged = || ParseError::damaged("The file is damaged: its archive could not be opened.");
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(|_| damaged())?;
    if archive.len() > limits.archive_entries {
        return Err(unsafe_archive(&format!("it holds {} files", archive.len())));
    }
    check_kind(kind, &archive)?;
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| damaged())?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let (packed, claimed) = (entry.compressed_size(), entry.size());
        if entry.encrypted() {
            return Err(ParseError::rejected(
                Reason::Encrypted,
                "The file is protected by a password. Save a copy without one and upload that.",
            ));
        }
        drop(entry);
        if escapes(&name) {
            return Err(unsafe_archive("a file inside points outside of it"));
        }
        let unpacked = if is_markup(&name) {
            let mut entry = archive.by_index(index).map_err(|_| damaged())?;
            drain(&mut entry, limits.archive_bytes - total)?
        } else {
            claimed
        };
        total = total.saturating_add(unpacked);
        let ratio = unpacked / packed.max(1);
        if total > limits.archive_bytes || (unpacked > SMALL && ratio > limits.archive_ratio) {
            return Err(unsafe_archive("it unpacks to far more than it should"));
        }
    }
    Ok(())
}

/// Formats that share the archive's mark are told apart by the file each must have.
fn check_kind<R: Read + std::io::Seek>(
    kind: DocumentKind,
    archive: &ZipArchive<R>,
) -> Result<(), ParseError> {
    let has = |start: &str| archive.file_names_raw().any(|name| name.starts_with(start.as_bytes()));
    let found = if has("word/") {
        Some(DocumentKind::Docx)
    } else if has("ppt/") {
        Some(DocumentKind::Pptx)
    } else if has("META-INF/container.xml") {
        Some(DocumentKind::Epub)
    } else {
        None
    };
    if found == Some(kind) {
        return Ok(());
    }
    let is = match found {
        Some(other) => sniff::describe(other),
        None if has("xl/") => "a spreadsheet",
        None if has("content.xml") => "an OpenDocument file",
        None => "an archive of other files",
    };
    Err(ParseError::rejected(
        Reason::WrongExtension,
        format!("The name says {}, but the content is {is}.", sniff::describe(kind)),
    ))
}

fn escapes(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.contains(':') || name.split(['/', '\\']).any(|step| step == "..")
}

/// Files that are parsed, as against pictures and fonts, which are not even unpacked.
fn is_markup(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["xml", "rels", "xhtml", "html", "htm", "opf", "ncx"]
        .iter()
        .any(|markup| extension.eq_ignore_ascii_case(markup))
}

/// Unpacks a file into nothing and says how long it is. Entities of its own are refused: honest
/// documents have none, and they are how a few bytes become gigabytes or another file is read.
fn drain(entry: &mut impl Read, most: u64) -> Result<u64, ParseError> {
    let damaged = |_| ParseError::damaged("The file is damaged: a part of it cannot be unpacked.");
    let mut prologue = Vec::new();
    entry.by_ref().take(PROLOGUE).read_to_end(&mut prologue).map_err(damaged)?;
    if declares_entities(&prologue) {
        return Err(unsafe_archive("it declares entities"));
    }
    let rest = most.saturating_sub(prologue.len() as u64).saturating_add(1);
    let rest = std::io::copy(&mut entry.take(rest), &mut std::io::sink()).map_err(damaged)?;
    Ok(prologue.len() as u64 + rest)
}

/// UTF-16 is found too: its ASCII characters are separated by NULs.
fn declares_entities(prologue: &[u8]) -> bool {
    let ascii: Vec<u8> = prologue.iter().copied().filter(|&byte| byte != 0).collect();
    ascii.windows(8).any(|bytes| bytes.eq_ignore_ascii_case(b"<!ENTITY"))
}

fn unsafe_archive(what: &str) -> ParseError {
    ParseError::rejected(
        Reason::Unsafe,
        format!("The file is not safe to open: {what}. Save it again with its own program."),
    )
}
