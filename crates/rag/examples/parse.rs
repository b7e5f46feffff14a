//! Reads files and prints one JSON line for each.
use std::process::ExitCode;

use coxswain_rag::parse::{self, Limits, Parser};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|arg| arg == parse::child::SUBCOMMAND) {
        return parse::child::run(args.into_iter().skip(1));
    }
    let parser = Parser::of_this_program(Limits::default(), None).expect("program");
    let paths: Vec<_> = args.into_iter().map(Into::into).collect();
    let runtime = tokio::runtime::Runtime::new().expect("runtime");
    let done = runtime.block_on(parse::report(&parser, &paths, std::env::var_os("TEXT").is_none(), &mut std::io::stdout()));
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
