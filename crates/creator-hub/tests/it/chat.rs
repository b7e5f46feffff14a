//! Asking in the test chat, and changing settings beside each other.

use anyhow::{Context, Result, ensure};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};

use crate::app::{App, Login, texts};

coxswain_test_support::contract! {
    a_turn_is_streamed_to_its_end,
    a_question_can_be_followed_from_elsewhere,
    a_repeat_is_the_same_turn,
    conversations_may_be_named_by_the_caller,
    stopping_what_waits_makes_it_final,
    two_editors_are_told_of_each_other,
    check_ins_are_kept,
    a_widget_gets_its_snippet,
    models_and_gaps_are_shown,
}

/// The events of a stream, by name and data.
fn events(text: &str) -> Vec<(String, Value)> {
    text.split("\n\n")
        .filter_map(|event| {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
            Some((field("event: ")?.to_owned(), serde_json::from_str(field("data: ")?).ok()?))
        })
        .collect()
}

async fn ask(app: &App, login: &Login, body: Value) -> Result<Vec<(String, Value)>> {
    let call = app.post("/api/v1/messages").by(login).header("accept", "text/event-stream").json(&body);
    let reply = call.send().await?;
    ensure!(reply.status == 200 && reply.headers["content-type"] == "text/event-stream", "{}", reply.text());
    Ok(events(&reply.text()))
}

async fn a_turn_is_streamed_to_its_end(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let seen = ask(&app, &owner, json!({ "text": " How do I begin? " })).await?;
    let names: Vec<_> = seen.iter().map(|(name, _)| name.as_str()).collect();
    ensure!(names == ["message", "message", "delta", "delta", "message", "end"], "{names:?}");
    ensure!(seen[0].1["author"] == "client" && seen[0].1["text"] == "How do I begin?");
    ensure!(seen[1].1["status"] == "streaming" && seen[1].1["text"] == "");
    ensure!(seen[4].1["status"] == "done" && seen[4].1["text"] == "You asked.");
    let streamed: String =
        [&seen[2], &seen[3]].iter().filter_map(|(_, data)| data["text"].as_str()).collect();
    ensure!(streamed == "You asked.");
    let listed = app.get("/api/v1/conversations?kind=test").by(&owner).send().await?.expect(200)?;
    ensure!(listed["items"][0]["title"] == "How do I begin?");
    Ok(())
}

async fn a_question_can_be_followed_from_elsewhere(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let turn = ask(&app, &owner, json!({ "text": "One?" })).await?;
    let id = turn[0].1["conversation_id"].as_str().context("an id")?.to_owned();
    ask(&app, &owner, json!({ "text": "Two?", "conversation_id": id })).await?;
    let path = format!("/api/v1/conversations/{id}/messages");
    let page = app.get(&format!("{path}?limit=3")).by(&owner).send().await?.expect(200)?;
    ensure!(texts(&page["items"], "text") == ["You asked.", "Two?", "You asked."]);
    let cursor = page["next_cursor"].as_str().context("a cursor")?;
    let older = app.get(&format!("{path}?cursor={cursor}")).by(&owner).send().await?.expect(200)?;
    ensure!(texts(&older["items"], "text") == ["One?"] && older["next_cursor"].is_null());
    Ok(())
}

async fn a_repeat_is_the_same_turn(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let id = "018f0000-0000-7000-8000-000000000001";
    let send = async || {
        let body = json!({ "text": "Once?", "conversation_id": id });
        app.post("/api/v1/messages")
            .by(&owner)
            .header("idempotency-key", "ask-1")
            .json(&body)
            .send()
            .await?
            .expect(202)
    };
    ensure!(send().await? == send().await?);
    let messages =
        app.get(&format!("/api/v1/conversations/{id}/messages")).by(&owner).send().await?.expect(200)?;
    ensure!(messages["items"].as_array().is_some_and(|items| items.len() == 2));
    Ok(())
}

async fn conversations_may_be_named_by_the_caller(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let id = "018f0000-0000-7000-8000-000000000002";
    let body = json!({ "text": "Hello?", "conversation_id": id });
    let seen = ask(&app, &owner, body.clone()).await?;
    ensure!(seen[0].1["conversation_id"] == id);
    let stranger = app.register("tomas").await?;
    app.post("/api/v1/messages").by(&stranger).json(&body).send().await?.problem(404, "not_found")?;
    for wrong in [json!({ "text": " " }), json!({ "text": "a".repeat(4001) })] {
        app.post("/api/v1/messages").by(&owner).json(&wrong).send().await?.problem(422, "validation")?;
    }
    app.get(&format!("/api/v1/messages/{id}/why")).by(&owner).send().await?.problem(404, "not_found")?;
    Ok(())
}

async fn stopping_what_waits_makes_it_final(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let creator = owner.creator;
    let seen = ask(&app, &owner, json!({ "text": "Hi?" })).await?;
    let id = seen[0].1["conversation_id"].as_str().context("an id")?.to_owned();
    // A reply that no process is writing: its worker died.
    let mut tx = app.db.write(creator).await?;
    let question = coxswain_store::conversations::NewQuestion {
        conversation: id.parse()?,
        kind: coxswain_domain::conversation::ConversationKind::Test,
        text: "Still there?",
        client_message_id: None,
    };
    let left =
        coxswain_store::conversations::accept_message(&mut tx, crate::app::now(), creator, question, None)
            .await?;
    tx.commit().await?;
    let path = format!("/api/v1/conversations/{id}");
    ensure!(app.post(&format!("{path}/cancel")).by(&owner).send().await?.status == 204);
    let messages = app.get(&format!("{path}/messages")).by(&owner).send().await?.expect(200)?;
    let last = messages["items"].as_array().and_then(|items| items.last()).cloned().unwrap_or_default();
    ensure!(last["id"] == left.reply.1.id.to_string() && last["status"] == "cancelled", "{messages}");
    ensure!(app.post(&format!("{path}/cancel")).by(&owner).send().await?.status == 204, "again does no harm");
    Ok(())
}

async fn two_editors_are_told_of_each_other(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let admin = app.join(&owner, "tomas", "admin").await?;
    let change = async |login: &Login, version: i64, cap: u8| {
        let call = app.patch("/api/v1/settings").by(login).header("if-match", &format!("\"{version}\""));
        call.json(&json!({ "daily_cap": cap })).send().await
    };
    let changed = change(&admin, 1, 5).await?.expect(200)?;
    ensure!(changed["version"] == 2 && changed["settings"]["daily_cap"] == 5);
    let problem = change(&owner, 1, 6).await?.problem(412, "version_conflict")?;
    ensure!(problem["detail"].as_str().is_some_and(|detail| detail.starts_with("tomas")), "{problem}");
    change(&owner, 2, 6).await?.expect(200)?;
    let nonsense = app.patch("/api/v1/settings").by(&owner).header("if-match", "x").json(&json!({}));
    nonsense.send().await?.problem(400, "bad_if_match")?;
    Ok(())
}

async fn check_ins_are_kept(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let form = json!({ "text": "How was it?", "weekdays": ["fri", "mon", "mon"], "local_time": "09:00" });
    let made = app.post("/api/v1/check-ins").by(&owner).json(&form).send().await?.expect(201)?;
    ensure!(made["weekdays"] == json!(["mon", "fri"]) && made["enabled"] == true && made["clients"] == 0);
    let path = format!("/api/v1/check-ins/{}", made["id"].as_str().context("an id")?);
    let call =
        app.patch(&path).by(&owner).header("if-match", "\"1\"").json(&json!({ "local_time": "18:30" }));
    ensure!(call.send().await?.expect(200)?["local_time"] == "18:30");
    let late = app.patch(&path).by(&owner).header("if-match", "\"1\"").json(&json!({ "enabled": false }));
    late.send().await?.problem(412, "version_conflict")?;
    for wrong in
        [json!({ "local_time": "25:00" }), json!({ "weekdays": [] }), json!({ "weekdays": ["someday"] })]
    {
        app.patch(&path).by(&owner).json(&wrong).send().await?.problem(422, "validation")?;
    }
    ensure!(app.delete(&path).by(&owner).send().await?.status == 204);
    app.get(&path).by(&owner).send().await?.problem(404, "not_found")?;
    app.get("/api/v1/decisions?outcome=held").by(&owner).send().await?.expect(200)?;
    Ok(())
}

async fn a_widget_gets_its_snippet(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let form = json!({ "kind": "widget", "name": "Site", "settings": { "allowed_origins": ["https://Coach.example/"] } });
    let call = app.post("/api/v1/channel-accounts").by(&owner).header("host", "hub.test:8080").json(&form);
    let made = call.send().await?.expect(201)?;
    let key = made["public_key"].as_str().context("a key")?;
    ensure!(key.starts_with("cxw_"));
    ensure!(
        made["snippet"]
            == format!(
                "<script async src=\"http://hub.test:8080/w/loader.js\" data-widget-key=\"{key}\"></script>"
            )
    );
    ensure!(made["settings"]["allowed_origins"] == json!(["https://coach.example"]));
    let path = format!("/api/v1/channel-accounts/{}", made["id"].as_str().context("an id")?);
    let change = json!({ "settings": { "accent": "#102030" }, "enabled": false });
    let changed =
        app.patch(&path).by(&owner).header("if-match", "\"1\"").json(&change).send().await?.expect(200)?;
    ensure!(changed["enabled"] == false && changed["settings"]["greeting"] == made["settings"]["greeting"]);
    let late = app.patch(&path).by(&owner).header("if-match", "\"1\"").json(&change).send().await?;
    late.problem(412, "version_conflict")?;
    ensure!(app.delete(&path).by(&owner).send().await?.status == 204);
    Ok(())
}

async fn models_and_gaps_are_shown(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let models = app.get("/api/v1/models").by(&owner).send().await?.expect(200)?;
    ensure!(models["chat"]["provider"] == "extractive" && models["usage"]["answers"] == 0);
    ensure!(app.get("/api/v1/gaps").by(&owner).send().await?.expect(200)?["items"] == json!([]));
    let home = app.get("/api/v1/home").by(&owner).send().await?.expect(200)?;
    ensure!(home["steps"].as_array().is_some_and(|steps| steps.iter().all(|step| step["done"] == false)));
    ensure!(app.get("/api/v1/clients").by(&owner).send().await?.expect(200)?["items"] == json!([]));
    Ok(())
}
