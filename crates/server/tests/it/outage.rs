//! PostgreSQL goes away and comes back.

use anyhow::{Context, Result, ensure};
use coxswain_test_support::{db, db::TestDb};
use reqwest::{Method, StatusCode};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::{Duration, Instant, sleep},
};

use crate::app::{PATIENCE, TestApp};

/// A wire between the server and its database that can be pulled.
struct Wire {
    port: u16,
    passing: JoinHandle<()>,
}

impl Wire {
    async fn lay(port: u16, database: String) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let port = listener.local_addr()?.port();
        let passing = tokio::spawn(async move {
            // Dropped with this task, and the connections with it.
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let database = database.clone();
                connections.spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(&database).await {
                        // Either side may hang up.
                        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Ok(Self { port, passing })
    }

    async fn pull(self) {
        self.passing.abort();
        // It ends by being aborted.
        let _ = self.passing.await;
    }
}

async fn until(app: &TestApp, status: StatusCode) -> Result<()> {
    let limit = Instant::now() + PATIENCE;
    while app.status("/readyz").await != Some(status) {
        ensure!(Instant::now() < limit, "/readyz never answered {status}");
        sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

#[test]
fn requests_are_put_off_while_the_database_is_away_and_work_when_it_is_back() -> Result<()> {
    db::on_postgres(walk)
}

async fn walk(database: &TestDb) -> Result<()> {
    let (server, name) = database.url().rsplit_once('/').context("no database in the URL")?;
    let address = server.rsplit('@').next().context("no address")?.to_owned();
    let user = server.strip_suffix(&address).context("no user")?;
    let wire = Wire::lay(0, address.clone()).await?;
    let url = format!("{user}127.0.0.1:{}/{name}", wire.port);
    let app = TestApp::start(&[("database.url", &url)]).await?;
    let port = wire.port;

    wire.pull().await;
    until(&app, StatusCode::SERVICE_UNAVAILABLE).await?;
    ensure!(app.status("/healthz").await == Some(StatusCode::OK), "it is alive all the same");
    let refused = app.request(Method::GET, "/api/v1/documents").send().await?;
    ensure!(refused.status() == StatusCode::SERVICE_UNAVAILABLE, "{}", refused.status());
    ensure!(refused.headers().contains_key("retry-after"), "{:?}", refused.headers());
    ensure!(refused.headers()["content-type"] == "application/problem+json", "{:?}", refused.headers());
    let problem: serde_json::Value = refused.json().await?;
    ensure!(problem["code"] == "unavailable" && problem["request_id"].is_string(), "{problem}");

    let _wire = Wire::lay(port, address).await?;
    until(&app, StatusCode::OK).await?;
    app.get("/api/v1/documents").await?;
    Ok(())
}
