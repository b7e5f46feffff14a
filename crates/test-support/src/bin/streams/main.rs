//! Measures what many open widget streams cost, and how soon what is said reaches them.

mod client;
mod process;

use std::{
    io::Write as _,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use client::{Client, Timings};
use futures::{StreamExt, stream};
use process::Usage;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Measures what many open widget streams cost a server, and how soon what is said reaches them.
///
/// Opens so many sessions with a stream each, through the widget's own API and from many loopback addresses, as the
/// limits per address want. Then one client after the other says something, so many messages a second in all, for
/// so long. Prints one JSON object. Messages that were not taken in, streams that ended and answers that did not
/// come are counted, and end in exit code 1.
#[derive(Parser)]
#[command(name = "streams")]
struct Options {
    /// Where the server is.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The widget's public key.
    #[arg(long)]
    key: String,
    /// Streams.
    #[arg(long, default_value_t = 1000)]
    streams: usize,
    /// Messages a second, of all clients together.
    #[arg(long, default_value_t = 1.0)]
    rate: f64,
    /// For so long.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// What is asked; `{n}` becomes the message's number.
    #[arg(long, default_value = "How do I begin the day? ({n})")]
    question: String,
    /// The server's process, to read its memory and time from.
    #[arg(long)]
    pid: Option<u32>,
    /// How long the streams are left alone before the first message, to see what they cost when nothing happens.
    #[arg(long, default_value_t = 10)]
    rest: u64,
}

/// How long an answer may take before it is counted as lost.
const PATIENCE: Duration = Duration::from_secs(30);
/// Sessions opened at once.
const OPENING: usize = 16;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match measure(&options).await {
        Ok(report) => {
            let _ = writeln!(std::io::stdout(), "{report}");
            if report["errors"] == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(options: &Options) -> anyhow::Result<Value> {
    let usage = || options.pid.map(Usage::of);
    let before = usage();
    let began = Instant::now();
    let opened: Vec<_> = stream::iter(0..options.streams)
        .map(|number| Client::open(&options.url, &options.key, number))
        .buffer_unordered(OPENING)
        .collect()
        .await;
    let mut clients = Vec::with_capacity(opened.len());
    for client in opened {
        clients.push(Arc::new(client?));
    }
    let opening = began.elapsed();
    let open = usage();
    sleep(Duration::from_secs(options.rest)).await;
    let rested = usage();
    let timings = talk(options, &clients).await;
    let ended = clients.iter().filter(|client| client.ended()).count();
    let after = usage();
    let missed = |missing: fn(&Timings) -> bool| timings.iter().filter(|one| missing(one)).count();
    let refused = missed(|one| one.taken.is_none());
    let lost = missed(|one| one.taken.is_some() && one.finished.is_none());
    Ok(json!({
        "streams": clients.len(),
        "opening_seconds": opening.as_secs_f64().round(),
        "messages": timings.len(),
        "taken_ms": spread(&timings, |one| one.taken),
        "own_event_ms": spread(&timings, |one| one.own),
        "answer_begins_ms": spread(&timings, |one| one.begun),
        "first_words_ms": spread(&timings, |one| one.words),
        "answer_ends_ms": spread(&timings, |one| one.finished),
        "memory_mib": before.map(|before| json!({
            "before": before.mib,
            "streams_open": open.map(|usage| usage.mib),
            "after": after.map(|usage| usage.mib),
        })),
        "cpu_percent": rested.zip(open).zip(after).map(|((rested, open), after)| json!({
            "at_rest": rested.percent_since(&open),
            "talking": after.percent_since(&rested),
        })),
        "refused": refused,
        "lost": lost,
        "streams_ended": ended,
        "errors": refused + lost + ended,
    }))
}

/// Lets one client after the other say something, at the rate, and waits for the answers.
async fn talk(options: &Options, clients: &[Arc<Client>]) -> Vec<Timings> {
    let mut tick = interval(Duration::from_secs_f64(1.0 / options.rate.max(0.01)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let mut said = Vec::new();
    for (number, client) in clients.iter().cycle().enumerate() {
        tick.tick().await;
        if Instant::now() >= until {
            break;
        }
        let (client, text) = (Arc::clone(client), options.question.replace("{n}", &number.to_string()));
        said.push(tokio::spawn(async move { client.say(&text, PATIENCE).await }));
    }
    let mut timings = Vec::with_capacity(said.len());
    for one in said {
        timings.push(one.await.unwrap_or_default());
    }
    timings
}

fn spread(timings: &[Timings], of: fn(&Timings) -> Option<Duration>) -> Value {
    let mut took: Vec<_> = timings.iter().filter_map(of).collect();
    took.sort_unstable();
    let percentile = |percent: usize| {
        let place = (took.len() * percent).div_ceil(100).saturating_sub(1);
        took.get(place).map(|took| (took.as_secs_f64() * 10_000.0).round() / 10.0)
    };
    json!({ "p50": percentile(50), "p99": percentile(99), "max": percentile(100) })
}
