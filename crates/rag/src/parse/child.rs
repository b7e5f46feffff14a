//! The child process: reads one document under ceilings it cannot lift, and ends.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use rlimit::Resource;

use super::sink::Sink;
use super::wire::{Line, Request, Task};
use super::{Event, Limits, ParseError, ParsedDocument, formats, render, sniff};

/// The subcommand under which the program runs itself to parse.
pub const SUBCOMMAND: &str = "__parse";

/// Room for parsers that descend with the document's nesting. It is only reserved.
const STACK: usize = 64 << 20;

/// Does what the parent asked for in `args` (those after [`SUBCOMMAND`]) and writes the result
/// to stdout.
///
/// The exit code is a failure only if the parent could not be answered; a document that cannot
/// be read is an answer.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let (Some(request), Some(path), None) = (args.next(), args.next(), args.next()) else {
        return ExitCode::from(2);
    };
    let Some(request) = request.to_str().and_then(|text| serde_json::from_str(text).ok()) else {
        return ExitCode::from(2);
    };
    if confine(&request).is_err() {
        return ExitCode::from(3);
    }
    end_with_parent();
    let work = thread::Builder::new().stack_size(STACK).spawn(move || answer(&request, &PathBuf::from(path)));
    match work.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Sets the ceilings. From here on a document that asks for more ends this process.
fn confine(request: &Request) -> io::Result<()> {
    let Limits { memory_bytes, cpu_seconds, .. } = request.limits;
    lower(Resource::CORE, 0, 0)?;
    lower(Resource::FSIZE, 0, 0)?;
    lower(Resource::NOFILE, 32, 32)?;
    lower(Resource::AS, memory_bytes, memory_bytes)?;
    // The soft ceiling ends the process with a signal of its own, so that the cause is known.
    lower(Resource::CPU, cpu_seconds, cpu_seconds + 1)
}

/// Sets a limit, never above what this process already has.
fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let (_, most) = resource.get()?;
    resource.set(soft.min(most), hard.min(most))
}

/// Ends this process when the parent does: the parent holds the other end of stdin open.
fn end_with_parent() {
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0; 1]);
        std::process::exit(4);
    });
}

fn answer(request: &Request, path: &Path) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let result = match request.task {
        Task::Text(kind) => text(request, kind, path, &mut out).map(Line::Done),
        Task::Page { page, width } => {
            let png = render::page(request.pdfium.as_deref(), path, page, width);
            if let Ok(png) = &png {
                write_line(&mut out, &Line::Image { bytes: png.len() })?;
                out.write_all(png)?;
                return out.flush();
            }
            png.map(|png| Line::Image { bytes: png.len() })
        }
    };
    let last = result.unwrap_or_else(|error| match error {
        ParseError::Rejected { reason, sentence } => Line::Rejected { reason, sentence },
        ParseError::Unavailable(why) => Line::Unavailable(why),
    });
    write_line(&mut out, &last)?;
    out.flush()
}

fn text(
    request: &Request,
    kind: super::DocumentKind,
    path: &Path,
    out: &mut impl Write,
) -> Result<ParsedDocument, ParseError> {
    let mut head = Vec::with_capacity(sniff::HEAD);
    File::open(path)?.take(sniff::HEAD as u64).read_to_end(&mut head)?;
    sniff::check(kind, &head)?;
    let mut emit = |event| {
        let line = match event {
            Event::Part(part) => Line::Part(part),
            Event::Progress { done, total } => Line::Progress { done, total },
        };
        write_line(out, &line)?;
        // Progress ends a page: let the parent see it.
        if matches!(line, Line::Progress { .. }) {
            out.flush()?;
        }
        Ok(())
    };
    let mut sink = Sink::new(&request.limits, &mut emit);
    formats::read(kind, path, request.pdfium.as_deref(), &mut sink)?;
    let mut document = sink.finish()?;
    document.peak_memory_kib = peak_memory_kib();
    Ok(document)
}

fn write_line(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// The most memory this process held so far, as Linux counts it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
