//! The command line. Results go to standard output; progress and logs to standard error.
//! Exit codes: 0 done, 1 failed, 2 wrong usage.

mod args;
mod ask;
mod creator;
mod doctor;
mod eval;
mod ingest;
mod progress;
mod reindex;
mod serve;

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use clap::Parser as _;

use crate::{config::Config, engine, telemetry};
use args::{Args, Command, EvalCommand};

/// Runs the command the arguments name.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")
        .and_then(|runtime| runtime.block_on(dispatch(args)));
    match outcome {
        Ok(code) => code,
        // Whoever read has seen enough, as in `coxswain parse … | head`.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be left to tell.
            let _ = writeln!(std::io::stderr(), "coxswain: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn dispatch(args: Args) -> anyhow::Result<ExitCode> {
    if matches!(args.command, Command::Openapi) {
        print(&serve::openapi()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut config = match Config::load(args.config.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            writeln!(std::io::stderr(), "coxswain: {error}")?;
            return Ok(ExitCode::from(2));
        }
    };
    // A person at a terminal wants the result; the log is for servers.
    if !matches!(args.command, Command::Serve) && config.log.level == "info" {
        "error".clone_into(&mut config.log.level);
    }
    telemetry::log(&config.log)?;
    match args.command {
        Command::Serve => serve::serve(&config).await,
        Command::Ingest(options) => ingest::ingest(&config, args.creator.as_deref(), &options).await,
        Command::Ask(options) => ask::ask(&config, args.creator.as_deref(), &options).await,
        Command::Parse(options) => {
            let parser = engine::open_parser(&config)?;
            let out = &mut std::io::stdout().lock();
            let all = coxswain_rag::parse::report(&parser, &options.files, options.json, out).await?;
            Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Eval(EvalCommand::Retrieval(options)) => eval::retrieval(&config, &options).await,
        Command::Eval(EvalCommand::Answers(options)) => eval::answers(&config, &options).await,
        Command::Reindex(options) => reindex::reindex(&config, args.creator.as_deref(), &options).await,
        Command::Migrate => {
            engine::open_database(&config).await?.close().await;
            print("The database is up to date.\n")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor(options) => doctor::doctor(&config, &options).await,
        Command::Config => {
            print(crate::config::DEFAULTS)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi => unreachable!("handled before the configuration is read"),
    }
}

fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
