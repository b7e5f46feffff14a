//! People who answer: the list, taking over and handing back, replies, notes, suggestions.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use coxswain_store::{conversations, outbox};
use coxswain_test_support::db::TestDb;
use futures::StreamExt;
use serde_json::{Value, json};

use crate::{
    app::{App, Login, text, texts},
    people::Person,
};

coxswain_test_support::contract! {
    the_list_is_filtered_and_searched,
    taking_over_silences_the_engine,
    what_waits_to_leave_is_kept_back_when_a_person_takes_over,
    handing_back_lets_the_engine_answer,
    a_reply_takes_over_and_leaves_once,
    nobody_writes_outside_the_window,
    nobody_writes_to_a_channel_that_is_gone,
    a_conversation_is_given_to_members_only,
    closing_ends_the_waiting,
    notes_are_for_the_team,
    the_engine_suggests_and_sends_nothing,
    older_messages_are_a_page_away,
    the_stream_tells_what_happens,
}

fn path(person: &Person, rest: &str) -> String {
    format!("/api/v1/inbox/{}{rest}", person.conversation)
}

/// Does something to a conversation.
async fn act(app: &App, login: &Login, person: &Person, what: &str) -> Result<Value> {
    app.post(&path(person, what)).by(login).send().await?.expect(200)
}

/// Replies to somebody.
async fn reply(app: &App, login: &Login, person: &Person, words: &str) -> Result<Value> {
    let call = app.post(&path(person, "/replies")).by(login).json(&json!({ "text": words }));
    call.send().await?.expect(201)
}

async fn wants_human(app: &App, login: &Login, person: &Person) -> Result<()> {
    let now = coxswain_domain::Clock::now(&*app.clock);
    let mut tx = app.db.write(login.creator).await?;
    ensure!(conversations::want_human(&mut tx, now, login.creator, person.conversation).await?);
    Ok(tx.commit().await?)
}

async fn the_list_is_filtered_and_searched(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, number) = (app.bot(&owner, "42").await?, app.number(&owner, "9").await?);
    let anna = app.writes(&owner, &bot, "anna", "When do we start?").await?;
    app.clock.advance(TimeDelta::minutes(1));
    let ben = app.writes(&owner, &number, "ben", "I need a person").await?;
    wants_human(&app, &owner, &ben).await?;
    app.clock.advance(TimeDelta::minutes(1));
    let cleo = app.writes(&owner, &bot, "cleo", "Thanks!").await?;
    act(&app, &owner, &cleo, "/take-over").await?;
    let (channel, member) = (text(&bot["id"]), owner.member.clone());
    for (query, expected) in [
        (String::new(), vec!["cleo", "ben", "anna"]),
        ("?state=waiting".into(), vec!["ben"]),
        ("?state=human".into(), vec!["cleo"]),
        ("?state=engine".into(), vec!["anna"]),
        ("?state=closed".into(), vec![]),
        (format!("?channel={channel}"), vec!["cleo", "anna"]),
        (format!("?assigned_to={member}"), vec!["cleo"]),
        ("?q=start".into(), vec!["anna"]),
        ("?q=BEN".into(), vec!["ben"]),
        ("?q=nothing".into(), vec![]),
    ] {
        let listed = app.see(&owner, &format!("/api/v1/inbox{query}")).await?;
        let items = listed["items"].as_array().context("items")?;
        let names: Vec<_> = items.iter().map(|item| text(&item["client"]["display_name"])).collect();
        ensure!(names == expected, "{query}: {names:?}");
    }
    let first = app.see(&owner, "/api/v1/inbox?limit=1").await?;
    let cursor = text(&first["next_cursor"]);
    let second = app.see(&owner, &format!("/api/v1/inbox?limit=1&cursor={cursor}")).await?;
    ensure!(second["items"][0]["id"] == json!(ben.conversation));
    let line = &app.see(&owner, "/api/v1/inbox?state=engine").await?["items"][0];
    ensure!(line["id"] == json!(anna.conversation) && line["channel"]["kind"] == "telegram");
    ensure!(
        line["last_message"]["author"] == "client" && line["last_message"]["text"] == "When do we start?"
    );
    Ok(())
}

async fn taking_over_silences_the_engine(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    wants_human(&app, &owner, &anna).await?;
    let editor = app.join(&owner, "eva", "editor").await?;
    let taken = act(&app, &editor, &anna, "/take-over").await?;
    ensure!(taken["handler"] == "human" && taken["human_wanted_at"].is_null());
    ensure!(taken["assigned_to"] == json!({ "id": editor.member, "name": "eva" }));
    ensure!(!app.answers(&owner, &anna, "At five.").await?, "its draft came to nothing");
    let next = app.writes(&owner, &bot, "anna", "Hello?").await?;
    ensure!(next.reply.is_none(), "the engine does not answer what comes next either");
    let shown = app.see(&owner, &path(&anna, "")).await?;
    ensure!(texts(&shown["messages"], "text") == ["When?", "Hello?"]);
    act(&app, &owner, &anna, "/take-over").await?;
    ensure!(app.done(&owner, "conversation.").await? == ["conversation.taken_over"], "once");
    Ok(())
}

async fn what_waits_to_leave_is_kept_back_when_a_person_takes_over(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    ensure!(app.answers(&owner, &anna, "At five.").await?);
    act(&app, &owner, &anna, "/take-over").await?;
    let shown = app.see(&owner, &path(&anna, "")).await?;
    let delivery = &shown["messages"][1]["delivery"];
    ensure!(delivery["state"] == "withheld" && delivery["detail"].is_string(), "{delivery}");
    Ok(())
}

async fn handing_back_lets_the_engine_answer(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    act(&app, &owner, &anna, "/take-over").await?;
    let back = act(&app, &owner, &anna, "/hand-back").await?;
    ensure!(back["handler"] == "engine");
    let next = app.writes(&owner, &bot, "anna", "And where?").await?;
    ensure!(app.answers(&owner, &next, "At the lake.").await?);
    ensure!(
        app.done(&owner, "conversation.").await? == ["conversation.handed_back", "conversation.taken_over"]
    );
    Ok(())
}

async fn a_reply_takes_over_and_leaves_once(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let mut watch = app.live.join(anna.conversation);
    let send = async |words: &str| {
        let form = json!({ "text": words });
        let call = app.post(&path(&anna, "/replies")).by(&owner).header("idempotency-key", "r1");
        call.json(&form).send().await
    };
    let first = send("At five.").await?.expect(201)?;
    ensure!(first["author"] == "coach" && first["status"] == "done");
    ensure!(send("At five.").await?.expect(201)? == first, "the same reply, not a second one");
    send("At six.").await?.problem(422, "idempotency_key_reused")?;
    ensure!(watch.events.try_recv().is_ok(), "who watches the conversation is told");
    ensure!(!app.answers(&owner, &anna, "At eight.").await?, "the engine is silent");
    let shown = app.see(&owner, &path(&anna, "")).await?;
    ensure!(texts(&shown["messages"], "text") == ["When?", "At five."]);
    ensure!(shown["conversation"]["handler"] == "human");
    ensure!(shown["messages"][1]["delivery"]["state"] == "queued");
    let mut tx = app.db.read(owner.creator).await?;
    let posted = outbox::of_conversation(&mut tx, owner.creator, anna.conversation, 10).await?;
    ensure!(posted.len() == 1 && posted[0].purpose == outbox::Purpose::Coach);
    drop(tx);
    for wrong in [json!({ "text": " " }), json!({ "text": "a".repeat(4001) })] {
        let reply = app.post(&path(&anna, "/replies")).by(&owner).json(&wrong).send().await?;
        reply.problem(422, "validation")?;
    }
    Ok(())
}

async fn nobody_writes_outside_the_window(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, number) = (app.bot(&owner, "42").await?, app.number(&owner, "9").await?);
    let (anna, ben) = (
        app.writes(&owner, &bot, "anna", "When?").await?,
        app.writes(&owner, &number, "ben", "When?").await?,
    );
    let shown = app.see(&owner, &path(&ben, "")).await?;
    ensure!(shown["window_closes_at"].is_string());
    ensure!(app.see(&owner, &path(&anna, "")).await?["window_closes_at"].is_null());
    app.clock.advance(TimeDelta::hours(24));
    let late = app.log_in("mira@example.org", crate::app::PASSWORD).await?.expect(200)?;
    let late = crate::app::login(&late)?;
    let call = app.post(&path(&ben, "/replies")).by(&late).json(&json!({ "text": "At five." }));
    call.send().await?.problem(409, "window_closed")?;
    let shown = app.see(&late, &path(&ben, "")).await?;
    ensure!(texts(&shown["messages"], "author").iter().all(|author| author != "coach"));
    ensure!(shown["conversation"]["handler"] == "engine", "nothing was taken over either");
    reply(&app, &late, &anna, "At five.").await?;
    Ok(())
}

async fn nobody_writes_to_a_channel_that_is_gone(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let address = format!("/api/v1/channels/{}", text(&bot["id"]));
    app.delete(&address).by(&owner).send().await?.expect(204)?;
    let call = app.post(&path(&anna, "/replies")).by(&owner).json(&json!({ "text": "At five." }));
    call.send().await?.problem(409, "channel_gone")?;
    Ok(())
}

async fn a_conversation_is_given_to_members_only(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let editor = app.join(&owner, "eva", "editor").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let assign = async |member: Option<&str>| {
        let form = json!({ "member_id": member });
        app.put(&path(&anna, "/assignee")).by(&owner).json(&form).send().await
    };
    let given = assign(Some(&editor.member)).await?.expect(200)?;
    ensure!(
        given["assigned_to"]["name"] == "eva" && given["handler"] == "engine",
        "the engine still answers"
    );
    assign(Some(&stranger.member)).await?.problem(422, "validation")?;
    ensure!(assign(None).await?.expect(200)?["assigned_to"].is_null());
    Ok(())
}

async fn closing_ends_the_waiting(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "A person, please").await?;
    wants_human(&app, &owner, &anna).await?;
    let attention = &app.see(&owner, "/api/v1/home").await?["attention"][0];
    ensure!(attention["text"] == "anna waits for a person." && attention["href"] == "/inbox?state=waiting");
    let closed = act(&app, &owner, &anna, "/close").await?;
    ensure!(closed["closed_at"].is_string() && closed["human_wanted_at"].is_null());
    ensure!(app.see(&owner, "/api/v1/home").await?["attention"] == json!([]));
    ensure!(app.see(&owner, "/api/v1/inbox").await?["items"] == json!([]));
    ensure!(act(&app, &owner, &anna, "/reopen").await?["closed_at"].is_null());
    ensure!(app.see(&owner, "/api/v1/inbox").await?["items"][0]["id"] == json!(anna.conversation));
    Ok(())
}

async fn notes_are_for_the_team(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let write = async |words: &str, key: &str| {
        let call = app.post(&path(&anna, "/notes")).by(&owner).header("idempotency-key", key);
        call.json(&json!({ "text": words })).send().await?.expect(201)
    };
    let first = write("Knee trouble.", "n1").await?;
    ensure!(first["member_name"] == "mira" && write("Knee trouble.", "n1").await? == first);
    app.clock.advance(TimeDelta::minutes(1));
    write("Better now.", "n2").await?;
    let listed = app.see(&owner, &path(&anna, "/notes")).await?;
    ensure!(texts(&listed["items"], "text") == ["Knee trouble.", "Better now."]);
    let shown = app.see(&owner, &path(&anna, "")).await?;
    ensure!(shown["notes"] == listed["items"]);
    ensure!(texts(&shown["messages"], "text") == ["When?", ""], "no client reads them");
    Ok(())
}

async fn the_engine_suggests_and_sends_nothing(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "Hello").await?;
    reply(&app, &owner, &anna, "Hello Anna").await?;
    app.writes(&owner, &bot, "anna", "When?").await?;
    app.writes(&owner, &bot, "anna", "And where?").await?;
    let suggestion = act(&app, &owner, &anna, "/suggestion").await?;
    ensure!(suggestion["text"] == "When?\nAnd where? (after [\"Hello\", \"Hello Anna\"])", "{suggestion}");
    let shown = app.see(&owner, &path(&anna, "")).await?;
    ensure!(shown["messages"].as_array().is_some_and(|messages| messages.len() == 4));
    let ben = app.writes(&owner, &bot, "ben", "silence").await?;
    app.post(&path(&ben, "/suggestion")).by(&owner).send().await?.problem(503, "no_suggestion")?;
    Ok(())
}

async fn older_messages_are_a_page_away(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "One").await?;
    reply(&app, &owner, &anna, "Two").await?;
    reply(&app, &owner, &anna, "Three").await?;
    let page = app.see(&owner, &path(&anna, "?limit=2")).await?;
    ensure!(texts(&page["messages"], "text") == ["Two", "Three"]);
    let cursor = text(&page["next_cursor"]);
    let older = app.see(&owner, &path(&anna, &format!("?cursor={cursor}"))).await?;
    ensure!(texts(&older["messages"], "text") == ["One"] && older["next_cursor"].is_null());
    app.get(&path(&anna, "?limit=0")).by(&owner).send().await?.problem(422, "validation")?;
    Ok(())
}

async fn the_stream_tells_what_happens(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let theirs = app.bot(&stranger, "43").await?;
    let other = app.writes(&stranger, &theirs, "otto", "Hello?").await?;
    let response = app.get("/api/v1/inbox/events").by(&owner).open().await?;
    let mut stream = response.into_body().into_data_stream();
    let mut seen = String::new();
    let mut until = async |words: &str| {
        let found = tokio::time::timeout(Duration::from_secs(20), async {
            while !seen.contains(words) {
                let chunk = stream.next().await.context("the stream ended")??;
                seen.push_str(&String::from_utf8_lossy(&chunk));
            }
            anyhow::Ok(seen.clone())
        });
        found.await.with_context(|| format!("waited for {words}"))?
    };
    app.clock.advance(TimeDelta::minutes(1));
    let ben = app.writes(&owner, &bot, "ben", "Is anybody there?").await?;
    app.live.touch(ben.conversation);
    until("Is anybody there?").await?;
    act(&app, &stranger, &other, "/take-over").await?;
    act(&app, &owner, &anna, "/take-over").await?;
    let all = until("\"handler\":\"human\"").await?;
    ensure!(all.contains("event: conversation\n") && !all.contains("otto"), "{all}");
    Ok(())
}
