//! The `coxswain` program.

use std::process::ExitCode;

use coxswain_rag::parse::child;
use coxswain_server::cli;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    // Hostile documents are read in a process of their own, before anything else is set up in it.
    if args.next().is_some_and(|first| first == child::SUBCOMMAND) {
        return child::run(args);
    }
    cli::run()
}
