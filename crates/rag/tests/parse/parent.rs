//! The parent against children that misbehave, each a small script.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use coxswain_rag::parse::{DocumentKind, Event, Limits, ParseError, Parser, report};

use super::fixtures::{self, Page};
use super::{Test, block_on, parser};

pub(crate) fn trials() -> Vec<Test> {
    vec![
        ("a_child_that_crashes_costs_one_document", a_child_that_crashes_costs_one_document),
        ("a_child_that_hangs_is_ended", a_child_that_hangs_is_ended),
        ("a_child_that_babbles_is_ended", a_child_that_babbles_is_ended),
        ("a_child_that_ends_early_is_no_success", a_child_that_ends_early_is_no_success),
        ("a_failing_caller_ends_the_reading", a_failing_caller_ends_the_reading),
        ("the_child_sees_none_of_our_secrets", the_child_sees_none_of_our_secrets),
        ("a_missing_library_is_no_fault_of_the_document", a_missing_library_is_no_fault_of_the_document),
        ("many_documents_are_read_at_once", many_documents_are_read_at_once),
        ("the_report_has_a_line_for_each_file", the_report_has_a_line_for_each_file),
    ]
}

/// What becomes of a document when the child is this shell script.
fn with_child(script: &str, limits: Limits) -> ParseError {
    let folder = tempfile::tempdir().unwrap();
    let exe = folder.path().join("child");
    fs::write(&exe, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&exe, Permissions::from_mode(0o755)).unwrap();
    let file = folder.path().join("a.txt");
    fs::write(&file, "words").unwrap();
    let parser = Parser::new(exe, limits, None);
    let ignore = async |_| Ok::<_, ParseError>(());
    block_on(parser.parse(&file, DocumentKind::Text, ignore)).unwrap_err()
}

const PART: &str = r#"{"part":{"page":null,"heading":null,"start_ms":null,"end_ms":null,"text":"words"}}"#;

fn a_child_that_crashes_costs_one_document() {
    let error = with_child("kill -SEGV $$", Limits::default());
    assert_eq!(error.code(), "reader_failed");
    assert!(error.to_string().contains("signal 11"), "{error}");
    let error =
        with_child("echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$", Limits::default());
    assert_eq!(error.code(), "out_of_memory");
    let error = with_child("echo 'thread has overflowed its stack' >&2; kill -ABRT $$", Limits::default());
    assert!(error.to_string().contains("nested"), "{error}");
    assert_eq!(with_child("kill -XCPU $$", Limits::default()).code(), "out_of_time");
    assert!(with_child("kill -KILL $$", Limits::default()).is_retryable());
}

fn a_child_that_hangs_is_ended() {
    let limits = Limits { wall_seconds: 1, ..Limits::default() };
    assert_eq!(with_child("exec /bin/sleep 600", limits).code(), "out_of_time");
}

fn a_child_that_babbles_is_ended() {
    let error = with_child("while :; do echo nonsense; done", Limits::default());
    assert_eq!(error.code(), "reader_failed");
    let error = with_child("exec /bin/cat /dev/zero", Limits::default());
    assert_eq!(error.code(), "reader_failed");
    let limits = Limits { parts: 5, ..Limits::default() };
    let error = with_child(&format!("while :; do echo '{PART}'; done"), limits);
    assert_eq!(error.code(), "too_large");
}

fn a_child_that_ends_early_is_no_success() {
    assert_eq!(with_child(&format!("echo '{PART}'"), Limits::default()).code(), "reader_failed");
    assert_eq!(with_child("printf '{\"done\":{'", Limits::default()).code(), "reader_failed");
}

#[derive(Debug)]
enum Caller {
    Parse,
    Full,
}

impl From<ParseError> for Caller {
    fn from(_: ParseError) -> Self {
        Self::Parse
    }
}

fn a_failing_caller_ends_the_reading() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    fs::write(&file, "How?,So.\n".repeat(500)).unwrap();
    let mut seen = 0;
    let result = block_on(parser(Limits::default()).parse(&file, DocumentKind::Csv, async |event| {
        seen += usize::from(matches!(event, Event::Part(_)));
        if seen == 10 { Err(Caller::Full) } else { Ok(()) }
    }));
    assert!(matches!(result, Err(Caller::Full)));
    assert_eq!(seen, 10);
}

fn the_child_sees_none_of_our_secrets() {
    let error = with_child(
        r#"printf '{"rejected":{"reason":"damaged","sentence":"%s"}}\n' "home=$HOME user=$USER cargo=$CARGO_MANIFEST_DIR""#,
        Limits::default(),
    );
    assert_eq!(error.to_string(), "home= user= cargo=");
}

fn a_missing_library_is_no_fault_of_the_document() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pdf");
    fs::write(&file, fixtures::pdf(&[Page::Blank], &[])).unwrap();
    let nowhere = Some(folder.path().join("libpdfium.so"));
    let parser = Parser::of_this_program(Limits::default(), nowhere).unwrap();
    let ignore = async |_| Ok::<_, ParseError>(());
    let error = block_on(parser.parse(&file, DocumentKind::Pdf, ignore)).unwrap_err();
    assert!(error.is_retryable());
    assert!(error.to_string().contains("make setup"), "{error}");
}

fn many_documents_are_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let parser = parser(Limits::default());
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..8 {
            let file = folder.path().join(format!("{number}.txt"));
            fs::write(&file, format!("text number {number}")).unwrap();
            let parser = parser.clone();
            tasks.spawn(async move {
                let mut reading = parser.start(&file, DocumentKind::Text).await?;
                let mut texts = Vec::new();
                while let Some(event) = reading.next().await? {
                    if let Event::Part(part) = event {
                        texts.push(part.text);
                    }
                }
                reading.finish();
                Ok::<_, ParseError>((number, texts))
            });
        }
        while let Some(result) = tasks.join_next().await {
            let (number, texts) = result.unwrap().unwrap();
            assert_eq!(texts, [format!("text number {number}")]);
        }
    });
}

fn the_report_has_a_line_for_each_file() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("a.txt"), folder.path().join("b.doc"));
    fs::write(&good, "words").unwrap();
    fs::write(&bad, "words").unwrap();
    let mut out = Vec::new();
    let paths = [good.clone(), bad];
    let all = block_on(report(&parser(Limits::default()), &paths, true, &mut out)).unwrap();
    assert!(!all);
    let rows: Vec<serde_json::Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0]["path"], good.to_str().unwrap());
    assert_eq!((rows[0]["status"].as_str(), rows[0]["text"].as_str()), (Some("ok"), Some("words")));
    assert_eq!(
        (rows[1]["status"].as_str(), rows[1]["code"].as_str()),
        (Some("rejected"), Some("unsupported_format"))
    );
}
