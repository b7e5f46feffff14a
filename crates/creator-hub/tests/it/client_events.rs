//! What integrators tell of clients.

use anyhow::{Result, ensure};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};

use crate::app::{App, Login, Reply, now, text, texts};

coxswain_test_support::contract! {
    an_event_is_kept_once,
    a_wrong_event_is_refused_by_field,
    a_client_is_found_by_the_websites_own_name,
    a_key_needs_the_scope,
    anothers_client_is_unknown,
}

async fn tell(app: &App, token: &str, key: &str, form: &Value) -> Result<Reply> {
    app.post("/api/v1/events").bearer(token).header("idempotency-key", key).json(form).send().await
}

async fn a_client(app: &App, owner: &Login) -> Result<String> {
    let bot = app.bot(owner, "42").await?;
    Ok(app.writes(owner, &bot, "ann", "Hello?").await?.identity.client_id.to_string())
}

async fn an_event_is_kept_once(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let client = a_client(&app, &owner).await?;
    let form = json!({
        "client": { "id": client }, "name": "workout.finished", "occurred_at": "2026-11-20T07:30:00Z",
        "data": { "km": 5, "felt": "good" },
    });
    let kept = tell(&app, &owner.token, "w-1", &form).await?.expect(201)?;
    ensure!(kept["client_id"] == client.as_str() && kept["received_at"] == json!(now()), "{kept}");
    ensure!(kept["data"] == form["data"] && kept["occurred_at"] == form["occurred_at"], "{kept}");
    let repeat = tell(&app, &owner.token, "w-1", &form).await?;
    ensure!(repeat.expect(201)? == kept && repeat.headers["idempotent-replayed"] == "true");
    let other = json!({ "client": { "id": client }, "name": "workout.skipped" });
    tell(&app, &owner.token, "w-1", &other).await?.problem(422, "idempotency_key_reused")?;
    tell(&app, &owner.token, "w-2", &other).await?.expect(201)?;
    let listed = app.see(&owner, "/api/v1/events").await?;
    ensure!(texts(&listed["items"], "name") == ["workout.skipped", "workout.finished"], "{listed}");
    let theirs = app.see(&owner, &format!("/api/v1/events?client_id={client}&limit=1")).await?;
    ensure!(theirs["next_cursor"].is_string() && theirs["items"][0]["name"] == "workout.skipped");
    let page = format!("/api/v1/events?client_id={client}&limit=1&cursor={}", text(&theirs["next_cursor"]));
    ensure!(app.see(&owner, &page).await?["items"][0] == kept, "keys in their order, whatever the engine");
    let detail = app.see(&owner, &format!("/api/v1/clients/{client}")).await?;
    ensure!(texts(&detail["events"], "name") == ["workout.skipped", "workout.finished"], "{detail}");
    Ok(())
}

async fn a_wrong_event_is_refused_by_field(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let client = a_client(&app, &owner).await?;
    let keyless = json!({ "client": { "id": client }, "name": "a" });
    let refused = app.post("/api/v1/events").by(&owner).json(&keyless).send().await?;
    refused.problem(400, "idempotency_key_required")?;
    let nobody = "018f0000-0000-7000-8000-000000000000";
    for (field, wrong, pointer) in [
        ("client", json!({ "id": nobody }), "/client/id"),
        ("client", json!({ "sub": "nobody" }), "/client/sub"),
        ("name", json!(""), "/name"),
        ("name", json!("Workout finished!"), "/name"),
        ("occurred_at", json!("2999-01-01T00:00:00Z"), "/occurred_at"),
        ("data", json!({ "long": "x".repeat(9_000) }), "/data"),
        ("data", json!({ "nul": "a\u{0}b" }), "/data"),
    ] {
        let mut form = json!({ "client": { "id": client }, "name": "a", "data": {} });
        form[field] = wrong;
        let problem = tell(&app, &owner.token, "k", &form).await?.problem(422, "validation")?;
        ensure!(problem["errors"][0]["pointer"] == pointer, "{problem}");
    }
    ensure!(app.see(&owner, "/api/v1/events").await?["items"] == json!([]), "nothing was kept");
    tell(&app, &owner.token, "k", &keyless).await?.expect(201)?;
    Ok(())
}

async fn a_client_is_found_by_the_websites_own_name(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (one, two) = (app.bot(&owner, "42").await?, app.bot(&owner, "43").await?);
    // As the widget names those its website vouches for.
    let ann = app.writes(&owner, &one, "sub:u-1", "Hello?").await?.identity.client_id.to_string();
    let form =
        |account: Value| json!({ "client": { "sub": "u-1", "channel_account_id": account }, "name": "a" });
    let found = tell(&app, &owner.token, "1", &form(Value::Null)).await?.expect(201)?;
    ensure!(found["client_id"] == ann.as_str(), "{found}");
    let ben = app.writes(&owner, &two, "sub:u-1", "Hello?").await?.identity.client_id.to_string();
    let which = tell(&app, &owner.token, "2", &form(Value::Null)).await?.problem(422, "validation")?;
    ensure!(which["errors"][0]["pointer"] == "/client/channel_account_id", "{which}");
    let found = tell(&app, &owner.token, "3", &form(two["id"].clone())).await?.expect(201)?;
    ensure!(found["client_id"] == ben.as_str(), "{found}");
    Ok(())
}

async fn a_key_needs_the_scope(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let client = a_client(&app, &owner).await?;
    let form = json!({ "client": { "id": client }, "name": "a" });
    for (scope, tells, reads) in
        [("events", true, true), ("read", false, true), ("chat", false, false), ("admin", true, true)]
    {
        let wanted = json!({ "name": scope, "scopes": [scope] });
        let key = app.post("/api/v1/api-keys").by(&owner).json(&wanted).send().await?.expect(201)?;
        let key = text(&key["secret"]);
        let told = tell(&app, &key, scope, &form).await?;
        ensure!((told.status == 201) == tells && (told.status == 403) != tells, "{scope}: {}", told.text());
        let read = app.get("/api/v1/events").bearer(&key).send().await?;
        ensure!((read.status == 200) == reads && (read.status == 403) != reads, "{scope}: {}", read.text());
    }
    let viewer = app.join(&owner, "vic", "viewer").await?;
    tell(&app, &viewer.token, "v", &form).await?.problem(403, "forbidden")?;
    app.get("/api/v1/events").by(&viewer).send().await?.expect(200)?;
    Ok(())
}

async fn anothers_client_is_unknown(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let client = a_client(&app, &owner).await?;
    let form = json!({ "client": { "id": client }, "name": "a" });
    tell(&app, &stranger.token, "1", &form).await?.problem(422, "validation")?;
    tell(&app, &owner.token, "1", &form).await?.expect(201)?;
    for path in ["/api/v1/events".to_owned(), format!("/api/v1/events?client_id={client}")] {
        ensure!(app.see(&stranger, &path).await?["items"] == json!([]), "{path}");
    }
    Ok(())
}
