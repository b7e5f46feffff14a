//! One creator never reaches another's: every endpoint with an id, and every list.
//!
//! The endpoints come from the API's own description, so a new one without a case here fails.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use axum::http::Method;
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};

use crate::app::{App, Login, now, text};

coxswain_test_support::contract! {
    a_foreign_id_is_not_found,
    lists_hold_ones_own_only,
    a_foreign_id_in_a_body_is_refused,
    nothing_is_open_to_strangers,
}

/// What one creator has, by the path under which it is found.
async fn belongings(app: &App, owner: &Login) -> Result<BTreeMap<&'static str, String>> {
    let id = |value: &Value| value["id"].as_str().map(str::to_owned).context("an id");
    let make = async |path: &str, body: Value| app.post(path).by(owner).json(&body).send().await?.expect(201);
    let base = app.base(owner).await?;
    let folder =
        make(&format!("/api/v1/knowledge-bases/{base}/folders"), json!({ "name": "Season" })).await?;
    let document = app.upload(owner, "a.md", b"# A").await?;
    let key = make("/api/v1/api-keys", json!({ "name": "site", "scopes": ["read"] })).await?;
    let widget = make("/api/v1/channel-accounts", json!({ "kind": "widget", "name": "Site" })).await?;
    let check_in = make(
        "/api/v1/check-ins",
        json!({ "text": "How was it?", "weekdays": ["mon"], "local_time": "09:00" }),
    )
    .await?;
    let asked = app
        .post("/api/v1/messages")
        .by(owner)
        .json(&json!({ "text": "Hello?" }))
        .send()
        .await?
        .expect(202)?;
    let bot = app.bot(owner, "42").await?;
    let person = app.writes(owner, &bot, "anna", "Hello?").await?;
    let arrival = crate::channels::nonsense(app, owner, &bot).await?;
    let attachment = app.sends_file(owner, &person, "plan.pdf", b"%PDF-1.7").await?;
    let canned = make("/api/v1/canned-replies", json!({ "title": "Times", "text": "At five." })).await?;
    let hook = crate::telling::hook(app, owner, "https://example.org/hooks", &[]).await?;
    let test = app.post(&format!("/api/v1/webhooks/{}/test", hook.id)).by(owner).send().await?.expect(202)?;
    let delivery = text(&test["id"]);
    Ok(BTreeMap::from([
        ("channels", id(&bot)?),
        ("{arrival}", arrival.to_string()),
        ("inbox", person.conversation.to_string()),
        ("clients", person.identity.client_id.to_string()),
        ("{identity}", person.identity.id.to_string()),
        ("attachments", attachment.id.to_string()),
        ("canned-replies", id(&canned)?),
        ("webhooks", hook.id),
        ("{delivery}", delivery),
        ("members", owner.member.clone()),
        ("api-keys", id(&key["key"])?),
        ("knowledge-bases", base),
        ("folders", id(&folder)?),
        ("documents", id(&document)?),
        ("channel-accounts", id(&widget)?),
        ("check-ins", id(&check_in)?),
        ("conversations", text(&asked["conversation_id"])),
        ("messages", text(&asked["reply_id"])),
    ]))
}

/// A body the endpoint would accept.
fn body(method: &Method, path: &str) -> Option<Value> {
    match (method.as_str(), path) {
        ("POST", "/api/v1/knowledge-bases/{id}/folders") => Some(json!({ "name": "Mine" })),
        ("POST", "/api/v1/inbox/{id}/notes" | "/api/v1/inbox/{id}/replies") => {
            Some(json!({ "text": "Mine" }))
        }
        ("POST", "/api/v1/webhooks/{id}/replay") => Some(json!({ "since": "2026-01-01T00:00:00Z" })),
        ("PUT", "/api/v1/inbox/{id}/assignee") => Some(json!({ "member_id": null })),
        ("PUT", "/api/v1/clients/{id}/preferred-channel") => Some(json!({ "channel_account_id": null })),
        ("POST", "/api/v1/channels/{id}/test-messages") | ("PATCH", _) => Some(json!({})),
        _ => None,
    }
}

async fn a_foreign_id_is_not_found(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let mine = belongings(&app, &owner).await?;
    let description = serde_json::to_value(coxswain_creator_hub::openapi())?;
    let mut tried = 0;
    for (path, item) in description["paths"].as_object().context("paths")? {
        if !path.contains("{id}") {
            continue;
        }
        let what = path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default();
        let id = mine.get(what).with_context(|| format!("a case for {path}"))?;
        let mut address = path.replace("{id}", id).replace("{page}", "1.png");
        for inner in ["{arrival}", "{delivery}", "{identity}"] {
            address = address.replace(inner, &mine[inner]);
        }
        for method in item.as_object().context("operations")?.keys() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let mut call = app.call(method.clone(), &address).by(&stranger);
            if let Some(body) = body(&method, path) {
                call = call.json(&body);
            } else if path.ends_with("/versions") && method == Method::POST {
                call = call.form(&[], Some(("b.md", b"# B")));
            }
            let reply = call.send().await?;
            reply.problem(404, "not_found").with_context(|| format!("{method} {path}"))?;
            tried += 1;
        }
    }
    ensure!(tried >= 50, "only {tried} operations were tried");
    // And the owner still has all of it.
    for (what, id) in mine.iter().filter(|(what, _)| {
        ["documents", "check-ins", "channel-accounts", "channels", "inbox", "clients"].contains(what)
    }) {
        app.get(&format!("/api/v1/{what}/{id}")).by(&owner).send().await?.expect(200)?;
    }
    Ok(())
}

/// What never comes to an end, tested where it is told.
const STREAMS: [&str; 3] = ["/api/v1/documents/events", "/api/v1/inbox/events", "/api/v1/live"];

async fn lists_hold_ones_own_only(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let mine = belongings(&app, &owner).await?;
    let description = serde_json::to_value(coxswain_creator_hub::openapi())?;
    for (path, item) in description["paths"].as_object().context("paths")? {
        if item.get("get").is_none() || path.contains('{') || STREAMS.contains(&path.as_str()) {
            continue;
        }
        let reply = app.get(path).by(&stranger).send().await?;
        reply.expect(200).with_context(|| path.clone())?;
        let leaked = mine.values().find(|id| reply.text().contains(id.as_str()));
        ensure!(leaked.is_none(), "{path} shows {leaked:?}");
    }
    Ok(())
}

async fn a_foreign_id_in_a_body_is_refused(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let mine = belongings(&app, &owner).await?;
    let own_base = app.base(&stranger).await?;
    let file = Some(("b.md", &b"# B"[..]));
    let upload =
        |fields: &[(&str, &str)]| app.post("/api/v1/documents").by(&stranger).form(fields, file).send();
    upload(&[("knowledge_base_id", &mine["knowledge-bases"])]).await?.problem(404, "not_found")?;
    let fields = [("knowledge_base_id", own_base.as_str()), ("folder_id", mine["folders"].as_str())];
    upload(&fields).await?.problem(422, "validation")?;
    for (path, form, status) in [
        (
            "/api/v1/documents/from-url",
            json!({ "url": "https://a.test", "knowledge_base_id": mine["knowledge-bases"] }),
            404,
        ),
        ("/api/v1/messages", json!({ "text": "Hi", "conversation_id": mine["conversations"] }), 404),
        ("/api/v1/messages", json!({ "text": "Hi", "knowledge_base_ids": [mine["knowledge-bases"]] }), 422),
        (
            "/api/v1/channel-accounts",
            json!({ "kind": "widget", "name": "x", "settings": { "knowledge_base_ids": [mine["knowledge-bases"]] } }),
            422,
        ),
    ] {
        app.post(path).by(&stranger).json(&form).send().await?.expect(status).with_context(|| path)?;
    }
    ensure!(app.stored()? == 2, "what was refused left no file");
    Ok(())
}

async fn nothing_is_open_to_strangers(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let description = serde_json::to_value(coxswain_creator_hub::openapi())?;
    for (path, item) in description["paths"].as_object().context("paths")? {
        let nothing = coxswain_domain::DocumentId::new(now()).to_string();
        let address = ["{id}", "{arrival}", "{delivery}", "{identity}"]
            .iter()
            .fold(path.replace("{page}", "1.png"), |address, place| address.replace(place, &nothing));
        for (method, operation) in item.as_object().context("operations")? {
            let open = operation["security"].as_array().is_some_and(|ways| ways.contains(&json!({})));
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            if !open {
                let reply = app.call(method.clone(), &address).send().await?;
                reply.problem(401, "unauthenticated").with_context(|| format!("{method} {path}"))?;
            }
        }
    }
    Ok(())
}
