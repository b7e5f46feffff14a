//! Documents through the child process, as the product reads them.
//!
//! The test program is its own child: run with the parser's subcommand it reads one document and
//! ends, like `coxswain` does. Hence a `main` of our own instead of the usual harness.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

mod fixtures;
mod formats;
mod hostile;
mod parent;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use coxswain_rag::parse::{self, Event, Limits, ParseError, ParsedDocument, Parser, Part, sniff};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|arg| arg == parse::child::SUBCOMMAND) {
        return parse::child::run(args);
    }
    let trials = [formats::trials(), hostile::trials(), parent::trials()].concat();
    let trials = trials.into_iter().map(|(name, test)| Trial::test(name, move || run(test)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

type Test = (&'static str, fn());

/// Runs a test, its panic being its failure.
fn run(test: fn()) -> Result<(), Failed> {
    std::panic::catch_unwind(test).map_err(|cause| {
        let words = cause.downcast_ref::<String>().cloned();
        let words = words.or_else(|| cause.downcast_ref::<&str>().map(|&words| words.to_owned()));
        Failed::from(words.unwrap_or_else(|| "panicked".to_owned()))
    })
}

/// What was read of a document.
#[derive(Debug)]
struct Read {
    document: ParsedDocument,
    parts: Vec<Part>,
    /// Pages done, as they were reported.
    progress: Vec<u32>,
}

impl Read {
    fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n\n")
    }
}

/// The library, which the tests need as the product does.
fn pdfium() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/dist/pdfium/libpdfium.so");
    assert!(path.is_file(), "{} is missing: run `python3 models/fetch_pdfium.py`", path.display());
    path
}

fn parser(limits: Limits) -> Parser {
    Parser::of_this_program(limits, Some(pdfium())).expect("a program")
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// Reads a file called `name` that holds `content`, under `limits`.
fn read_with(parser: &Parser, name: &str, content: &[u8]) -> Result<Read, ParseError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    let kind = sniff::file(&path, name)?;
    let (mut parts, mut progress) = (Vec::new(), Vec::new());
    let document = block_on(parser.parse(&path, kind, async |event| {
        match event {
            Event::Part(part) => parts.push(part),
            Event::Progress { done, .. } => progress.push(done),
        }
        Ok::<_, ParseError>(())
    }))?;
    Ok(Read { document, parts, progress })
}

fn read(name: &str, content: &[u8]) -> Result<Read, ParseError> {
    read_with(&parser(Limits::default()), name, content)
}

/// The code of a rejection, which must come with a sentence.
fn code(result: Result<Read, ParseError>) -> &'static str {
    let error = result.expect_err("a rejection");
    let sentence = error.to_string();
    assert!(sentence.ends_with('.') && sentence.len() > 15, "{sentence:?} is no sentence");
    error.code()
}
