//! Coxswain's side of a comparison with another stack: what a benchmark driver needs and the product does not offer.
//!
//!     side_by_side creators          stdin: {"name","email","password"} a line
//!     side_by_side fill              stdin: {"creator","texts"} a line, then the f32 vectors, little-endian
//!     side_by_side ingest DATASET    a BEIR corpus: passages/s of the embedding runtime alone, then of ingestion
//!     side_by_side serve [VECTORS]   the server; questions in VECTORS take their vector from there
//!
//! VECTORS holds for each question a line of JSON text and, on the next line, its vector as base64 of f32.
//! Settings come from the environment as for `coxswain`.
#![expect(clippy::print_stdout, reason = "the driver reads results there")]
#![expect(clippy::cast_precision_loss, reason = "counts of passages are far below 2^52")]

mod fill;
mod known;

use std::{
    io::{BufRead, Read},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, bail};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, SaltString, rand_core::OsRng},
};
use coxswain_domain::{CreatorId, MemberId, SystemClock, account::CreatorSettings, account::Role};
use coxswain_rag::eval::{EvalKnowledge, EvalOptions, dataset};
use coxswain_server::{config::Config, engine::Engine, serve};
use coxswain_store::{
    creators::{self, Creator},
    members::{self, Member},
};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args_os().skip(1);
    let first = args.next().unwrap_or_default();
    if first == coxswain_rag::parse::child::SUBCOMMAND {
        let _ = coxswain_rag::parse::child::run(args);
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let config = Config::load(None)?;
        match (first.to_str(), args.next()) {
            (Some("creators"), None) => make_creators(&config).await,
            (Some("fill"), None) => fill_all(&config).await,
            (Some("ingest"), Some(dataset)) => ingest(&config, dataset.into()).await,
            (Some("serve"), vectors) => run(&config, vectors.map(PathBuf::from)).await,
            _ => bail!("usage: see the head of this file"),
        }
    })
}

#[derive(Deserialize)]
struct Account {
    name: String,
    email: String,
    password: String,
}

async fn make_creators(config: &Config) -> anyhow::Result<()> {
    let engine = Engine::open(config).await?;
    let now = engine.clock.now();
    let mut hashed = std::collections::HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let account: Account = serde_json::from_str(&line?)?;
        if !hashed.contains_key(&account.password) {
            let salt = SaltString::generate(&mut OsRng);
            let hash = Argon2::default().hash_password(account.password.as_bytes(), &salt);
            hashed.insert(
                account.password.clone(),
                hash.map_err(|error| anyhow::anyhow!("{error}"))?.to_string(),
            );
        }
        let creator = Creator {
            id: CreatorId::new(now),
            name: account.name.clone(),
            settings: CreatorSettings::default(),
            version: 1,
            created_at: now,
        };
        let member = Member {
            id: MemberId::new(now),
            email: account.email,
            name: account.name,
            role: Role::Owner,
            created_at: now,
            disabled_at: None,
        };
        let mut tx = engine.db.write(creator.id).await?;
        creators::insert(&mut tx, &creator).await?;
        members::insert(&mut tx, creator.id, &member, &hashed[&account.password]).await?;
        tx.commit().await?;
    }
    engine.db.close().await;
    Ok(())
}

async fn fill_all(config: &Config) -> anyhow::Result<()> {
    let engine = Engine::open(config).await?;
    let mut input = std::io::stdin().lock();
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let batch: fill::Batch = serde_json::from_str(&line)?;
        let dimension = engine.embedder.model().dimension as usize;
        let mut bytes = vec![0; batch.texts.len() * dimension * 4];
        input.read_exact(&mut bytes)?;
        fill::fill(&engine, &batch, &bytes).await.with_context(|| batch.creator.clone())?;
        println!("durable");
        line.clear();
    }
    engine.db.close().await;
    Ok(())
}

async fn ingest(config: &Config, dataset: PathBuf) -> anyhow::Result<()> {
    let engine = Engine::open(config).await?;
    let corpus = dataset::corpus(&dataset)?;
    let texts: Vec<String> = corpus
        .iter()
        .map(|document| format!("{} {}", document.title, document.text).trim().to_owned())
        .collect();
    engine.embedder.embed_passages(texts[..texts.len().min(32)].to_vec()).await?;
    let begun = Instant::now();
    // The order and the batches are the runtime's own; nothing else happens in this time.
    let _vectors = engine.embedder.embed_passages(texts.clone()).await?;
    let alone = begun.elapsed().as_secs_f64();
    let cache = tempfile::tempdir()?;
    let options = EvalOptions {
        dataset,
        cache: cache.path().to_owned(),
        clock: Arc::new(SystemClock),
        embedder: Arc::clone(&engine.embedder),
        chunker: Arc::clone(&engine.chunker),
    };
    let begun = Instant::now();
    let _knowledge = EvalKnowledge::open(&options, |_, _| {}).await?;
    let whole = begun.elapsed().as_secs_f64();
    let passages = corpus.len();
    println!(
        "{}",
        serde_json::json!({
            "passages": passages, "runtime_seconds": alone, "ingest_seconds": whole,
            "runtime_per_s": passages as f64 / alone, "ingest_per_s": passages as f64 / whole, "share": alone / whole,
        })
    );
    Ok(())
}

async fn run(config: &Config, vectors: Option<PathBuf>) -> anyhow::Result<()> {
    let mut engine = Engine::open(config).await?;
    if let Some(path) = vectors {
        engine.set_embedder(Arc::new(known::KnownQuestions::read(&path, Arc::clone(&engine.embedder))?));
    }
    let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    let app = serve::build(config, engine, metrics).await?;
    let listener = TcpListener::bind(config.server.listen).await?;
    let stop = CancellationToken::new();
    let on_signal = stop.clone();
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        terminate.recv().await;
        on_signal.cancel();
    });
    app.run(listener, stop).await
}
