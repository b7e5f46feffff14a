//! `coxswain eval`: the engine on sets of questions.

use std::{process::ExitCode, sync::Arc};

use coxswain_domain::SystemClock;
use coxswain_rag::{
    eval::{self, EvalOptions},
    retrieve::Mode,
};

use super::{
    args::{AnswersArgs, EvalMode, RetrievalArgs},
    print, progress,
};
use crate::{config::Config, engine, serve};

fn options(config: &Config, dataset: &std::path::Path) -> anyhow::Result<EvalOptions> {
    let (embedder, chunker) = engine::open_embedder(config)?;
    Ok(EvalOptions {
        dataset: dataset.to_owned(),
        cache: config.data_dir.join("eval"),
        clock: Arc::new(SystemClock),
        embedder,
        chunker,
    })
}

/// Writes a TREC run.
pub(crate) async fn retrieval(config: &Config, args: &RetrievalArgs) -> anyhow::Result<ExitCode> {
    let mode = match args.mode {
        EvalMode::Dense => Mode::Dense,
        EvalMode::Lexical => Mode::Lexical,
        EvalMode::Hybrid => Mode::Hybrid,
    };
    let bars = progress::bars();
    let bar = progress::bar(&bars, &args.dataset.display().to_string());
    let run =
        eval::retrieval(&options(config, &args.dataset)?, mode, args.top_k, &args.out, |what, done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            bar.set_message(what.to_owned());
        })
        .await?;
    bars.clear()?;
    let text = if args.json {
        serde_json::to_string(&run)?
    } else {
        format!(
            "{} questions, {:.1} ms median, {:.1} ms at the 99th percentile",
            run.questions, run.p50_ms, run.p99_ms
        )
    };
    print(&format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes an answer for each question. Without a model the engine quotes.
pub(crate) async fn answers(config: &Config, args: &AnswersArgs) -> anyhow::Result<ExitCode> {
    let bars = progress::bars();
    let bar = progress::bar(&bars, &args.dataset.display().to_string());
    let options = options(config, &args.dataset)?;
    let run =
        eval::answers(&options, serve::chat_model(config)?, args.limit, &args.out, |what, done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            bar.set_message(what.to_owned());
        })
        .await?;
    bars.clear()?;
    let text = if args.json {
        serde_json::to_string(&run)?
    } else {
        format!("{} answered, {} not covered", run.answered, run.abstained)
    };
    print(&format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}
