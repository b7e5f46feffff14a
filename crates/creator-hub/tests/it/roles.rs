//! What each role may do, endpoint by endpoint.

use anyhow::{Context, Result, ensure};
use axum::http::Method;
use coxswain_test_support::db::TestDb;
use serde_json::json;

use crate::app::App;

coxswain_test_support::contract! {
    each_role_may_do_its_own,
}

/// The least role for every operation that is not open to all members.
const NEEDS: &[(&str, &str, &str)] = &[
    ("POST", "/api/v1/knowledge-bases", "editor"),
    ("PATCH", "/api/v1/knowledge-bases/{id}", "editor"),
    ("DELETE", "/api/v1/knowledge-bases/{id}", "editor"),
    ("POST", "/api/v1/knowledge-bases/{id}/folders", "editor"),
    ("POST", "/api/v1/knowledge-bases/{id}/sample", "editor"),
    ("PATCH", "/api/v1/folders/{id}", "editor"),
    ("DELETE", "/api/v1/folders/{id}", "editor"),
    ("POST", "/api/v1/documents", "editor"),
    ("POST", "/api/v1/documents/from-url", "editor"),
    ("PATCH", "/api/v1/documents/{id}", "editor"),
    ("DELETE", "/api/v1/documents/{id}", "editor"),
    ("POST", "/api/v1/documents/{id}/versions", "editor"),
    ("POST", "/api/v1/documents/{id}/retry", "editor"),
    ("POST", "/api/v1/check-ins", "editor"),
    ("PATCH", "/api/v1/check-ins/{id}", "editor"),
    ("DELETE", "/api/v1/check-ins/{id}", "editor"),
    ("POST", "/api/v1/channel-accounts", "admin"),
    ("PATCH", "/api/v1/channel-accounts/{id}", "admin"),
    ("DELETE", "/api/v1/channel-accounts/{id}", "admin"),
    ("POST", "/api/v1/channel-accounts/{id}/identity-secret", "admin"),
    ("DELETE", "/api/v1/channel-accounts/{id}/identity-secret", "admin"),
    ("POST", "/api/v1/channels/telegram", "admin"),
    ("POST", "/api/v1/channels/whatsapp", "admin"),
    ("PATCH", "/api/v1/channels/{id}", "admin"),
    ("DELETE", "/api/v1/channels/{id}", "admin"),
    ("POST", "/api/v1/channels/{id}/test-messages", "admin"),
    ("POST", "/api/v1/channels/{id}/templates/sync", "admin"),
    ("POST", "/api/v1/channels/{id}/arrivals/{arrival}/replay", "admin"),
    ("POST", "/api/v1/inbox/{id}/take-over", "editor"),
    ("POST", "/api/v1/inbox/{id}/hand-back", "editor"),
    ("PUT", "/api/v1/inbox/{id}/assignee", "editor"),
    ("POST", "/api/v1/inbox/{id}/close", "editor"),
    ("POST", "/api/v1/inbox/{id}/reopen", "editor"),
    ("POST", "/api/v1/inbox/{id}/notes", "editor"),
    ("POST", "/api/v1/inbox/{id}/replies", "editor"),
    ("POST", "/api/v1/inbox/{id}/writing", "editor"),
    ("POST", "/api/v1/inbox/{id}/suggestion", "editor"),
    ("POST", "/api/v1/canned-replies", "editor"),
    ("PATCH", "/api/v1/canned-replies/{id}", "editor"),
    ("DELETE", "/api/v1/canned-replies/{id}", "editor"),
    ("DELETE", "/api/v1/clients/{id}", "admin"),
    ("POST", "/api/v1/clients/{id}/link-codes", "editor"),
    ("DELETE", "/api/v1/clients/{id}/identities/{identity}", "editor"),
    ("PUT", "/api/v1/clients/{id}/preferred-channel", "editor"),
    ("PATCH", "/api/v1/settings", "admin"),
    ("GET", "/api/v1/members", "admin"),
    ("POST", "/api/v1/members", "admin"),
    ("PATCH", "/api/v1/members/{id}", "admin"),
    ("DELETE", "/api/v1/members/{id}", "admin"),
    ("GET", "/api/v1/api-keys", "admin"),
    ("POST", "/api/v1/api-keys", "admin"),
    ("DELETE", "/api/v1/api-keys/{id}", "admin"),
    ("GET", "/api/v1/audit", "admin"),
    ("GET", "/api/v1/webhooks", "admin"),
    ("POST", "/api/v1/webhooks", "admin"),
    ("GET", "/api/v1/webhooks/{id}", "admin"),
    ("PATCH", "/api/v1/webhooks/{id}", "admin"),
    ("DELETE", "/api/v1/webhooks/{id}", "admin"),
    ("POST", "/api/v1/webhooks/{id}/secret", "admin"),
    ("POST", "/api/v1/webhooks/{id}/test", "admin"),
    ("GET", "/api/v1/webhooks/{id}/deliveries", "admin"),
    ("GET", "/api/v1/webhooks/{id}/deliveries/{delivery}", "admin"),
    ("POST", "/api/v1/webhooks/{id}/deliveries/{delivery}/replay", "admin"),
    ("POST", "/api/v1/webhooks/{id}/replay", "admin"),
];

/// An id of nothing.
const NOTHING: &str = "018f0000-0000-7000-8000-000000000000";

async fn each_role_may_do_its_own(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let mut team = Vec::new();
    for role in ["viewer", "editor", "admin"] {
        team.push((role, app.join(&owner, role, role).await?));
    }
    let rank = |role: &str| ["viewer", "editor", "admin", "owner"].iter().position(|name| *name == role);
    let description = serde_json::to_value(coxswain_creator_hub::openapi())?;
    let mut seen = 0;
    for (path, item) in description["paths"].as_object().context("paths")? {
        for (method, operation) in item.as_object().context("operations")? {
            let open = operation["security"].as_array().is_some_and(|ways| ways.contains(&json!({})));
            let method = method.to_uppercase();
            if open || path.ends_with("/events") {
                continue;
            }
            let needs = NEEDS.iter().find(|(verb, at, _)| *verb == method && at == path);
            seen += usize::from(needs.is_some());
            let needs = needs.map_or("viewer", |(_, _, role)| role);
            // An id of nothing: whoever may, gets further than 403.
            let address = ["{id}", "{arrival}", "{delivery}", "{identity}"]
                .iter()
                .fold(path.replace("{page}", "1.png"), |address, place| address.replace(place, NOTHING));
            for (role, login) in &team {
                let reply =
                    app.call(Method::from_bytes(method.as_bytes())?, &address).by(login).send().await?;
                let allowed = rank(role) >= rank(needs);
                ensure!((reply.status != 403) == allowed, "{role}: {method} {path} gave {}", reply.status);
            }
        }
    }
    ensure!(seen == NEEDS.len(), "{seen} of {} rules met an operation", NEEDS.len());
    Ok(())
}
