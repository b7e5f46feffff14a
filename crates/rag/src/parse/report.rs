//! What `coxswain parse FILE…` prints: the text as the engine sees it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::time::Instant;

use super::{Event, ParseError, ParsedDocument, Parser, Part, Warning, sniff};

/// One line of `--json`.
#[derive(Serialize)]
struct Row<'a> {
    path: &'a Path,
    status: &'static str,
    title: Option<String>,
    pages: Option<u32>,
    parts: usize,
    text: Option<String>,
    warnings: Vec<Warning>,
    code: Option<&'static str>,
    error: Option<String>,
    seconds: f64,
    /// The most memory the reading process held, in MiB; unknown if it did not end by itself.
    max_rss_mb: Option<f64>,
}

/// Reads each file and writes what was read to `out`: one JSON object a line with `json`, else
/// text under a line that names its place. Says whether every file was read.
pub async fn report(
    parser: &Parser,
    paths: &[PathBuf],
    json: bool,
    out: &mut impl Write,
) -> io::Result<bool> {
    let mut all = true;
    for path in paths {
        let began = Instant::now();
        let mut parts = Vec::new();
        let result = read(parser, path, &mut parts).await;
        let seconds = began.elapsed().as_secs_f64();
        all &= result.is_ok();
        if json {
            serde_json::to_writer(&mut *out, &row(path, &parts, result, seconds))?;
            writeln!(out)?;
        } else {
            write_text(out, path, &parts, &result)?;
        }
        out.flush()?;
    }
    Ok(all)
}

async fn read(parser: &Parser, path: &Path, parts: &mut Vec<Part>) -> Result<ParsedDocument, ParseError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let kind = sniff::file(path, &name)?;
    parser
        .parse(path, kind, async |event| {
            if let Event::Part(part) = event {
                parts.push(part);
            }
            Ok(())
        })
        .await
}

fn row<'a>(
    path: &'a Path,
    parts: &[Part],
    result: Result<ParsedDocument, ParseError>,
    seconds: f64,
) -> Row<'a> {
    let (document, error) = match result {
        Ok(document) => (document, None),
        Err(error) => (ParsedDocument::default(), Some(error)),
    };
    let text = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n\n");
    Row {
        path,
        status: if error.is_none() { "ok" } else { "rejected" },
        title: document.title,
        pages: document.pages_total,
        parts: parts.len(),
        text: error.is_none().then_some(text),
        warnings: document.warnings,
        code: error.as_ref().map(ParseError::code),
        error: error.map(|error| error.to_string()),
        seconds,
        #[expect(clippy::cast_precision_loss, reason = "a figure for people, with few digits")]
        max_rss_mb: document.peak_memory_kib.map(|kib| kib as f64 / 1024.0),
    }
}

fn write_text(
    out: &mut impl Write,
    path: &Path,
    parts: &[Part],
    result: &Result<ParsedDocument, ParseError>,
) -> io::Result<()> {
    writeln!(out, "# {}", path.display())?;
    for part in parts {
        writeln!(out, "\n[{}]\n{}", place(part), part.text)?;
    }
    match result {
        Ok(document) => {
            for Warning { page, reason } in &document.warnings {
                match page {
                    Some(page) => writeln!(out, "\n! Page {page} {reason}.")?,
                    None => writeln!(out, "\n! The document {reason}.")?,
                }
            }
        }
        Err(error) => writeln!(out, "\n! {error}")?,
    }
    writeln!(out)
}

/// Where a part stands, as a citation would say it.
fn place(part: &Part) -> String {
    let mut place = Vec::new();
    if let Some(page) = part.page {
        place.push(format!("page {page}"));
    }
    if let (Some(start), Some(end)) = (part.start_ms, part.end_ms) {
        place.push(format!("{} to {}", clock(start), clock(end)));
    }
    place.extend(part.heading.clone());
    place.join(" · ")
}

fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
