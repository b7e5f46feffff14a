//! `coxswain serve` and `coxswain openapi`.

use std::process::ExitCode;

use anyhow::Context;
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tokio_util::sync::CancellationToken;

use super::print;
use crate::{config::Config, engine::Engine, serve, telemetry};

/// Runs the server until SIGTERM or Ctrl-C.
pub(crate) async fn serve(config: &Config) -> anyhow::Result<ExitCode> {
    let metrics = telemetry::metrics()?;
    let engine = Engine::open(config).await?;
    let app = serve::build(config, engine, metrics).await?;
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} cannot be listened on; set server.listen to another address"))?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    tracing::info!(%address, "ready");
    print(&welcome(config))?;
    app.run(listener, stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// What to do first.
fn welcome(config: &Config) -> String {
    let url = config.public_url();
    format!(
        "\nCoxswain is ready at {url}\n\n  1. Open {url} and sign up.\n  2. Drop in a document, or load the sample handbook.\n  \
         3. Ask it something in Test chat, then copy the widget's line into your page.\n\n\
         Ctrl-C stops it. `coxswain doctor` looks at each part.\n\n"
    )
}

fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping; running work may end");
        stop.cancel();
    })
}

/// The OpenAPI document, as text that does not change from run to run.
pub(crate) fn openapi() -> anyhow::Result<String> {
    let mut text = serve::openapi().to_pretty_json()?;
    text.push('\n');
    Ok(text)
}
