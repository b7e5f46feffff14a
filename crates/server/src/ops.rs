//! What an operator's tools ask: alive, ready, metrics.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use coxswain_creator_hub::{Component, HealthSource, Status};
use coxswain_domain::SharedClock;
use coxswain_store::{Db, jobs, live::Live};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;

/// What these endpoints look at.
#[derive(Clone)]
pub(crate) struct OpsState {
    /// The database, for the queue's depth.
    pub db: Db,
    /// The time, for the queue's age.
    pub clock: SharedClock,
    /// The live hub.
    pub live: Live,
    /// Each part's health.
    pub health: Arc<dyn HealthSource>,
    /// What was counted.
    pub metrics: PrometheusHandle,
}

/// `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn router(state: OpsState) -> Router {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(state)
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    components: Vec<Component>,
}

/// 200 when every part the product cannot do without works, 503 otherwise.
async fn ready(State(state): State<OpsState>) -> impl IntoResponse {
    let components = state.health.components().await;
    let ready = components.iter().all(|component| component.status != Status::Down);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, components }))
}

async fn metrics(State(state): State<OpsState>) -> impl IntoResponse {
    if let Err(error) = gauges(&state).await {
        tracing::warn!(%error, "the queue could not be measured");
    }
    ([("content-type", "text/plain; version=0.0.4")], state.metrics.render())
}

/// Values that are looked up rather than counted.
async fn gauges(state: &OpsState) -> coxswain_store::Result<()> {
    let mut tx = state.db.system_read().await?;
    let depths = jobs::depths(&mut tx).await?;
    drop(tx);
    let now = state.clock.now();
    for depth in depths {
        let labels = [("kind", depth.kind), ("state", depth.state)];
        let age = (now - depth.oldest_at).as_seconds_f64();
        #[expect(clippy::cast_precision_loss, reason = "a queue of 2^52 jobs has other problems")]
        metrics::gauge!("coxswain_jobs", &labels).set(depth.jobs as f64);
        metrics::gauge!("coxswain_job_oldest_seconds", &labels).set(age);
    }
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    metrics::gauge!("coxswain_live_conversations").set(state.live.rooms() as f64);
    Ok(())
}
