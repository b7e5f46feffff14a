//! The parent's side: starts the child, reads what it says, and ends it when it takes too much.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::wire::{Line, Request, Task};
use super::{DocumentKind, Event, Limits, ParseError, ParsedDocument, Reason, child, pdfium};

/// The longest line a child may write: a part is far smaller.
const LINE: usize = 4 << 20;
/// The largest picture of a page.
const IMAGE: usize = 64 << 20;
/// What is kept of a child's last words.
const LAST_WORDS: u64 = 16 << 10;
/// Children at a time: two keep both a small machine and its disk busy.
const CHILDREN: usize = 2;

/// Reads documents and draws pages, each in a child process of its own.
#[derive(Clone, Debug)]
pub struct Parser {
    exe: PathBuf,
    limits: Limits,
    pdfium: Option<PathBuf>,
    parsing: Arc<Semaphore>,
    drawing: Arc<Semaphore>,
}

impl Parser {
    /// A parser that runs `exe`, whose subcommand [`child::SUBCOMMAND`] calls [`child::run`].
    /// `pdfium` is the setting `ingest.pdfium`; see [`pdfium`] for what is searched without it.
    pub fn new(exe: PathBuf, limits: Limits, pdfium: Option<PathBuf>) -> Self {
        Self {
            exe,
            limits,
            pdfium,
            parsing: Arc::new(Semaphore::new(CHILDREN)),
            drawing: Arc::new(Semaphore::new(CHILDREN)),
        }
    }

    /// A parser that runs the present program again.
    pub fn of_this_program(limits: Limits, pdfium: Option<PathBuf>) -> std::io::Result<Self> {
        // On Linux this name leads to the running program even after an upgrade replaced its file.
        let own = Path::new("/proc/self/exe");
        let exe = if own.exists() { own.to_owned() } else { std::env::current_exe()? };
        Ok(Self::new(exe, limits, pdfium))
    }

    /// The ceilings in force.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether every format can be read; the error says what to do.
    pub fn check(&self) -> Result<PathBuf, ParseError> {
        pdfium::locate(self.pdfium.as_deref())
    }

    /// Reads the document of this `kind` at `path`, handing each event to `on_event` and waiting
    /// for it. If `on_event` fails, the child is ended and its error returned.
    pub async fn parse<E: From<ParseError>>(
        &self,
        path: &Path,
        kind: DocumentKind,
        mut on_event: impl AsyncFnMut(Event) -> Result<(), E>,
    ) -> Result<ParsedDocument, E> {
        let mut reading = self.start(path, kind).await?;
        while let Some(event) = reading.next().await? {
            on_event(event).await?;
        }
        Ok(reading.finish())
    }

    /// Begins to read the document of this `kind` at `path`. Waits while too many others are read.
    pub async fn start(&self, path: &Path, kind: DocumentKind) -> Result<Reading, ParseError> {
        let bytes = tokio::fs::metadata(path).await?.len();
        if bytes > self.limits.file_bytes {
            let (size, most) = (bytes >> 20, self.limits.file_bytes >> 20);
            return Err(ParseError::rejected(
                Reason::TooLarge,
                format!("The file has {size} MiB; at most {most} MiB are read. Split it."),
            ));
        }
        let permit = acquire(&self.parsing).await?;
        let pdfium = match kind {
            DocumentKind::Pdf => Some(self.check()?),
            _ => None,
        };
        self.spawn(Task::Text(kind), pdfium, path, permit)
    }

    /// Draws page `page` (counted from 1) of the PDF at `path` as a PNG, `width` pixels wide.
    pub async fn render_page(&self, path: &Path, page: u32, width: u32) -> Result<Vec<u8>, ParseError> {
        let permit = acquire(&self.drawing).await?;
        let task = Task::Page { page, width };
        self.spawn(task, Some(self.check()?), path, permit)?.image().await
    }

    fn spawn(
        &self,
        task: Task,
        pdfium: Option<PathBuf>,
        path: &Path,
        permit: OwnedSemaphorePermit,
    ) -> Result<Reading, ParseError> {
        let request = Request { task, limits: self.limits.clone(), pdfium };
        let request =
            serde_json::to_string(&request).map_err(|error| ParseError::Unavailable(error.to_string()))?;
        let mut child = Command::new(&self.exe)
            .arg(child::SUBCOMMAND)
            .arg(request)
            .arg(path)
            // Hostile files are opened there: nothing of ours is handed down, secrets least.
            .env_clear()
            // Memory taken ahead of need would count against the ceiling unused: pools per thread in the C
            // library, and the gibibyte of addresses that mimalloc begins with.
            .env("MALLOC_ARENA_MAX", "1")
            .env("MIMALLOC_ARENA_RESERVE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                ParseError::Unavailable(format!("The reading process did not start: {error}."))
            })?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(ParseError::Unavailable("The reading process has no output.".into()));
        };
        let last_words = tokio::spawn(async move {
            let mut kept = Vec::new();
            let mut stderr = stderr;
            let _ = (&mut stderr).take(LAST_WORDS).read_to_end(&mut kept).await;
            // Drained to the end, or a talkative child would wait for ever.
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
            String::from_utf8_lossy(&kept).into_owned()
        });
        Ok(Reading {
            child,
            stdout: BufReader::with_capacity(64 << 10, stdout),
            last_words,
            left: self.limits.wall(),
            limits: self.limits.clone(),
            parts: 0,
            characters: 0,
            document: None,
            _permit: permit,
        })
    }
}

async fn acquire(slots: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, ParseError> {
    let closed = |_| ParseError::Unavailable("The program is ending.".into());
    Arc::clone(slots).acquire_owned().await.map_err(closed)
}

/// A document being read. Dropping it ends the child.
#[derive(Debug)]
pub struct Reading {
    child: Child,
    stdout: BufReader<ChildStdout>,
    last_words: JoinHandle<String>,
    /// Time the child may still take; the caller's own time does not count.
    left: Duration,
    limits: Limits,
    parts: u64,
    characters: u64,
    document: Option<ParsedDocument>,
    _permit: OwnedSemaphorePermit,
}

impl Reading {
    /// The next part or progress; none when the document was read to its end.
    ///
    pub async fn next(&mut self) -> Result<Option<Event>, ParseError> {
        if self.document.is_some() {
            return Ok(None);
        }
        match self.line().await? {
            Line::Part(part) => {
                self.parts += 1;
                self.characters += part.text.chars().count() as u64;
                // The child counts too; this holds even if a document has taken the child over.
                if self.parts > self.limits.parts || self.characters > self.limits.characters {
                    return Err(ParseError::rejected(
                        Reason::TooLarge,
                        "The document holds more text than is allowed. Split it.",
                    ));
                }
                Ok(Some(Event::Part(part)))
            }
            Line::Progress { done, total } => Ok(Some(Event::Progress { done, total })),
            Line::Done(document) => {
                self.document = Some(document);
                Ok(None)
            }
            other => Err(last(other)),
        }
    }

    /// What is known of the document after [`Reading::next`] said that it is at its end.
    pub fn finish(mut self) -> ParsedDocument {
        self.document.take().unwrap_or_default()
    }

    async fn image(mut self) -> Result<Vec<u8>, ParseError> {
        let bytes = match self.line().await? {
            Line::Image { bytes } if bytes <= IMAGE => bytes,
            other => return Err(last(other)),
        };
        let mut png = vec![0; bytes];
        match timeout(self.left, self.stdout.read_exact(&mut png)).await {
            Ok(Ok(_)) => Ok(png),
            Ok(Err(_)) => Err(self.died().await),
            Err(_) => Err(self.out_of_time()),
        }
    }

    async fn line(&mut self) -> Result<Line, ParseError> {
        let mut line = Vec::new();
        let began = Instant::now();
        let mut limited = (&mut self.stdout).take(LINE as u64);
        match timeout(self.left, limited.read_until(b'\n', &mut line)).await {
            Err(_) => return Err(self.out_of_time()),
            Ok(Err(error)) => return Err(error.into()),
            Ok(Ok(0)) => return Err(self.died().await),
            Ok(Ok(_)) => {}
        }
        if line.last() != Some(&b'\n') && line.len() < LINE {
            return Err(self.died().await);
        }
        let read = serde_json::from_slice(&line).map_err(|_| {
            ParseError::rejected(Reason::ReaderFailed, "The reader gave an answer without sense.")
        })?;
        self.left = self.left.saturating_sub(began.elapsed());
        Ok(read)
    }

    fn out_of_time(&self) -> ParseError {
        out_of_time(self.limits.wall_seconds)
    }

    /// The child ended without a last line: says why, from how it ended.
    async fn died(&mut self) -> ParseError {
        let Ok(status) = self.child.wait().await else {
            return ParseError::Unavailable("The reading process was lost.".into());
        };
        let words = (&mut self.last_words).await.unwrap_or_default();
        tracing::debug!(%status, %words, "reading process died");
        explain(status, &words, &self.limits)
    }
}

fn last(line: Line) -> ParseError {
    match line {
        Line::Rejected { reason, sentence } => ParseError::Rejected { reason, sentence },
        Line::Unavailable(why) => ParseError::Unavailable(why),
        _ => ParseError::rejected(Reason::ReaderFailed, "The reader gave an answer without sense."),
    }
}

fn out_of_time(seconds: u64) -> ParseError {
    ParseError::rejected(
        Reason::OutOfTime,
        format!("Reading the document took longer than {seconds} seconds and was stopped."),
    )
}

/// Why a child died, from its exit status and the last it wrote to stderr.
fn explain(status: ExitStatus, words: &str, limits: &Limits) -> ParseError {
    use std::os::unix::process::ExitStatusExt;
    /// Sent at the ceiling on processor time; numbered so on every Linux but MIPS and SPARC.
    const SIGXCPU: i32 = 24;
    /// Sent by the system when the machine's memory runs out.
    const SIGKILL: i32 = 9;

    let signal = status.signal();
    if words.contains("stack overflow") || words.contains("overflowed its stack") {
        return ParseError::rejected(Reason::ReaderFailed, "The document is nested too deeply to be read.");
    }
    if words.contains("memory allocation") || words.contains("out of memory") || words.contains("bad_alloc") {
        return out_of_memory(limits);
    }
    match signal {
        Some(SIGXCPU) => out_of_time(limits.cpu_seconds),
        Some(SIGKILL) => ParseError::Unavailable(
            "The system ended the reading process, most likely for want of memory.".to_owned(),
        ),
        _ if status.code() == Some(2) || status.code() == Some(3) => {
            ParseError::Unavailable("The reading process could not be set up on this system.".to_owned())
        }
        Some(signal) => ParseError::rejected(
            Reason::ReaderFailed,
            format!(
                "The reader broke on this document (signal {signal}). The file is damaged or asks for too much."
            ),
        ),
        None => ParseError::rejected(
            Reason::ReaderFailed,
            "The reader gave up on this document. The file is damaged.",
        ),
    }
}

fn out_of_memory(limits: &Limits) -> ParseError {
    ParseError::rejected(
        Reason::OutOfMemory,
        format!(
            "Reading the document needs more than {} MiB of memory, the most that is allowed.",
            limits.memory_bytes >> 20
        ),
    )
}
