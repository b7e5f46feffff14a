//! Logs and metrics.

use std::io::IsTerminal;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{Log, LogFormat};

/// Bounds of the histograms, in seconds: from a table look-up to a slow model.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Begins to log to standard error, so that results on standard output stay clean.
pub(crate) fn log(settings: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level)
        .with_context(|| format!("log.level is {:?}; allowed is a level or filters", settings.level))?;
    let registry = tracing_subscriber::registry().with(filter);
    match settings.format {
        LogFormat::Text => registry
            .with(
                fmt::layer()
                    .with_writer(std::io::stderr)
                    .with_target(false)
                    .with_ansi(std::io::stderr().is_terminal()),
            )
            .try_init()?,
        LogFormat::Json => registry
            .with(
                fmt::layer().json().flatten_event(true).with_current_span(true).with_writer(std::io::stderr),
            )
            .try_init()?,
    }
    Ok(())
}

/// Begins to count; the handle renders what was counted for Prometheus.
pub(crate) fn metrics() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .install_recorder()?;
    describe();
    Ok(handle)
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("coxswain_http_requests_total", "Requests by method, route and status");
    describe_histogram!("coxswain_http_request_seconds", "Time to the first byte of the response");
    describe_gauge!("coxswain_jobs", "Jobs that are not done, by kind and state");
    describe_gauge!("coxswain_job_oldest_seconds", "Age of the oldest such job");
    describe_counter!("coxswain_ingest_pages_total", "Pages read from documents");
    describe_counter!("coxswain_ingest_chunks_total", "Chunks indexed, by where their vector came from");
    describe_histogram!("coxswain_embedding_seconds", "Time to embed, by what");
    describe_histogram!("coxswain_retrieval_seconds", "Time to find passages");
    describe_histogram!(
        "coxswain_model_wait_seconds",
        "Time an answer waited for its turn at the chat model"
    );
    describe_gauge!("coxswain_model_waiting", "Answers that wait for their turn at the chat model");
    describe_counter!("coxswain_tokens_total", "Tokens of the chat model, by kind");
    describe_counter!("coxswain_decisions_total", "Decisions of the gate, by reason");
    describe_counter!(
        "coxswain_webhook_tries_total",
        "Tries of deliveries to webhooks, by what became of the delivery"
    );
    describe_histogram!("coxswain_webhook_try_seconds", "Time an endpoint took, or was waited for");
    describe_counter!("coxswain_mails_total", "Mails to members, by whether the mail server took them");
    describe_gauge!("coxswain_live_conversations", "Conversations with a reader or a writer");
}
