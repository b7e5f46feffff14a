//! What the command line understands.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// A coach's knowledge, answering their clients: with quotes that can be checked, and first when it helps.
#[derive(Debug, Parser)]
#[command(name = "coxswain", version, propagate_version = true, max_term_width = 100, after_help = AFTER)]
pub(crate) struct Args {
    /// Settings to use instead of ./coxswain.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The creator to work for, by id or name. Default: the only one there is; `local`, made on first use.
    #[arg(long, global = true, value_name = "CREATOR")]
    pub creator: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
Settings come from coxswain.toml and from variables like COXSWAIN__SERVER__LISTEN; `coxswain config` \
prints them all. Results go to standard output, progress and logs to standard error.

Examples:
  coxswain ingest handbook.pdf notes/*.md --kb habits
  coxswain ask \"How do I begin the day?\"
  coxswain serve";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server: portal, API, widget and workers.
    Serve,
    /// Read documents into a knowledge base; no server is needed.
    Ingest(IngestArgs),
    /// Ask a question; no server is needed.
    Ask(AskArgs),
    /// Show what the parser sees in files.
    Parse(ParseArgs),
    /// Measure the engine on a set of questions in BEIR layout.
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Rebuild indexes: for another embedding model, another index engine, or to be sure.
    ///
    /// Vectors that are kept already are not made again. `serve` does it by itself when the
    /// embedding model has changed. Without --creator, for every creator.
    Reindex(ReindexArgs),
    /// Bring the database up to date; `serve` does it too.
    Migrate,
    /// Look at each part of the system and say what to do.
    Doctor(DoctorArgs),
    /// Print every setting with its default and what it means.
    Config,
    /// Print the OpenAPI document of the HTTP API.
    Openapi,
}

/// `ingest`
#[derive(Debug, clap::Args)]
pub(crate) struct IngestArgs {
    /// Files, or folders to take every readable file from.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The knowledge base; made if there is none of this name.
    #[arg(long, value_name = "NAME")]
    pub kb: String,
    /// Report as JSON: one object a line for each document.
    #[arg(long)]
    pub json: bool,
}

/// `ask`
#[derive(Debug, clap::Args)]
pub(crate) struct AskArgs {
    /// The question.
    #[arg(value_name = "QUESTION")]
    pub question: String,
    /// Answer from this knowledge base only; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub kb: Vec<String>,
    /// Report as JSON: question, answer, abstained, confidence, citations.
    #[arg(long)]
    pub json: bool,
}

/// `parse`
#[derive(Debug, clap::Args)]
pub(crate) struct ParseArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Report as JSON: one object a line for each file.
    #[arg(long)]
    pub json: bool,
}

/// `reindex`
#[derive(Debug, clap::Args)]
pub(crate) struct ReindexArgs {
    /// Report as JSON: one object a line for each creator.
    #[arg(long)]
    pub json: bool,
}

/// `doctor`
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `eval`
#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// Write a TREC run: which documents are found for each question.
    Retrieval(RetrievalArgs),
    /// Write an answer, its confidence and its citations for each question.
    Answers(AnswersArgs),
}

/// How passages are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvalMode {
    /// By vector alone.
    Dense,
    /// By words alone.
    Lexical,
    /// As clients are served.
    Hybrid,
}

/// `eval retrieval`
#[derive(Debug, clap::Args)]
pub(crate) struct RetrievalArgs {
    /// The set: corpus.jsonl, queries.jsonl.
    #[arg(long, value_name = "DIR")]
    pub dataset: PathBuf,
    /// Where the run is written.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How passages are found.
    #[arg(long, value_enum, default_value = "hybrid")]
    pub mode: EvalMode,
    /// Documents at most for each question.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub top_k: usize,
    /// Report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `eval answers`
#[derive(Debug, clap::Args)]
pub(crate) struct AnswersArgs {
    /// The set: corpus.jsonl, queries.jsonl.
    #[arg(long, value_name = "DIR")]
    pub dataset: PathBuf,
    /// Where the answers are written, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Questions at most; all when absent.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Report as JSON.
    #[arg(long)]
    pub json: bool,
}
