//! The portal's pages: always the same one, never in place of an answer of the API.

use anyhow::{Result, ensure};
use axum::{
    body::Body,
    http::{Request, Response},
};
use coxswain_creator_hub::portal;
use tower::ServiceExt;

async fn get(path: &str) -> Result<Response<Body>> {
    Ok(portal().oneshot(Request::get(path).body(Body::empty())?).await?)
}

#[tokio::test]
async fn every_page_is_the_portal_and_safe() -> Result<()> {
    for path in ["/", "/knowledge", "/settings/team"] {
        let response = get(path).await?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        ensure!(response.status() == 200 && header("content-type").starts_with("text/html"), "{path}");
        ensure!(header("cache-control") == "no-cache");
        ensure!(header("content-security-policy").contains("frame-ancestors 'none'"));
        ensure!(header("content-security-policy").contains("default-src 'self'"));
        ensure!(header("x-content-type-options") == "nosniff");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_missing_is_not_answered_with_a_page() -> Result<()> {
    for path in ["/api/v1/nothing", "/w/nothing", "/hooks/nothing", "/assets/gone.js"] {
        ensure!(get(path).await?.status() == 404, "{path}");
    }
    Ok(())
}
