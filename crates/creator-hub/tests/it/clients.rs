//! One person on several channels, and what clients think of answers.

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use coxswain_domain::ClientId;
use coxswain_store::{feedback, identities, link_codes};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    app::{App, Login, now, text, texts},
    people::Person,
};

coxswain_test_support::contract! {
    a_client_is_shown_with_their_channels,
    a_code_ties_a_channel_once,
    a_code_ends_after_a_quarter_of_an_hour,
    unlinking_makes_two_of_one,
    a_preferred_channel_is_one_they_write_on,
    feedback_is_listed_with_its_answer,
    canned_replies_are_kept,
}

fn path(person: &Person, rest: &str) -> String {
    format!("/api/v1/clients/{}{rest}", person.identity.client_id)
}

/// Uses a code up, as the road does when a client hands it over.
async fn redeem(app: &App, owner: &Login, code: &str) -> Result<Option<ClientId>> {
    let hash = Sha256::digest(code);
    let now = coxswain_domain::Clock::now(&*app.clock);
    let mut tx = app.db.write(owner.creator).await?;
    let found = link_codes::redeem(&mut tx, now, owner.creator, &hash).await?;
    tx.commit().await?;
    Ok(found)
}

/// Anna, who writes to a bot and to a number and was linked.
async fn linked(app: &App, owner: &Login, bot: &Value, number: &Value) -> Result<(Person, Person)> {
    let here = app.writes(owner, bot, "anna", "When?").await?;
    let there = app.writes(owner, number, "1555", "And where?").await?;
    let mut tx = app.db.write(owner.creator).await?;
    let client = here.identity.client_id;
    ensure!(identities::link(&mut tx, now(), owner.creator, there.identity.id, client).await?);
    tx.commit().await?;
    Ok((here, there))
}

async fn a_client_is_shown_with_their_channels(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, number) = (app.bot(&owner, "42").await?, app.number(&owner, "9").await?);
    let (here, _) = linked(&app, &owner, &bot, &number).await?;
    let shown = app.see(&owner, &path(&here, "")).await?;
    ensure!(shown["display_name"] == "anna" && shown["preferred_account_id"].is_null());
    let known = shown["identities"].as_array().context("identities")?;
    ensure!(known.len() == 2 && shown["conversations"].as_array().is_some_and(|talks| talks.len() == 2));
    let on = |kind: &str| known.iter().find(|identity| identity["channel"]["kind"] == kind);
    ensure!(on("whatsapp").is_some_and(|identity| identity["window_closes_at"].is_string()));
    ensure!(on("telegram").is_some_and(|identity| identity["window_closes_at"].is_null()));
    Ok(())
}

async fn a_code_ties_a_channel_once(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, _number) = (app.bot(&owner, "42").await?, app.number(&owner, "9").await?);
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let made = app.post(&path(&anna, "/link-codes")).by(&owner).send().await?.expect(201)?;
    let code = text(&made["code"]);
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    ensure!((16..=64).contains(&code.len()) && code.chars().all(plain), "what Telegram carries: {code}");
    ensure!(made["text"] == format!("LINK {code}"));
    let urls = texts(&made["links"], "url");
    ensure!(urls.contains(&format!("https://t.me/bot42?start={code}")), "{urls:?}");
    ensure!(urls.contains(&format!("https://wa.me/15559?text=LINK%20{code}")), "{urls:?}");
    ensure!(redeem(&app, &owner, &code).await? == Some(anna.identity.client_id));
    ensure!(redeem(&app, &owner, &code).await?.is_none(), "it works once");
    let log = app.see(&owner, "/api/v1/audit").await?;
    ensure!(!log.to_string().contains(&code), "the log does not hold it");
    Ok(())
}

async fn a_code_ends_after_a_quarter_of_an_hour(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let made = app.post(&path(&anna, "/link-codes")).by(&owner).send().await?.expect(201)?;
    app.clock.advance(TimeDelta::minutes(15));
    ensure!(redeem(&app, &owner, &text(&made["code"])).await?.is_none());
    Ok(())
}

async fn unlinking_makes_two_of_one(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, number) = (app.bot(&owner, "42").await?, app.number(&owner, "9").await?);
    let (here, there) = linked(&app, &owner, &bot, &number).await?;
    let apart = path(&here, &format!("/identities/{}", there.identity.id));
    let left = app.delete(&apart).by(&owner).send().await?.expect(200)?;
    ensure!(left["identities"].as_array().is_some_and(|known| known.len() == 1));
    app.delete(&apart).by(&owner).send().await?.problem(404, "not_found")?;
    let last = path(&here, &format!("/identities/{}", here.identity.id));
    app.delete(&last).by(&owner).send().await?.problem(409, "last_identity")?;
    let talk = app.see(&owner, &format!("/api/v1/inbox/{}", there.conversation)).await?;
    ensure!(talk["client"]["id"] != json!(here.identity.client_id), "what was said there goes along");
    ensure!(texts(&talk["messages"], "text")[0] == "And where?");
    ensure!(app.done(&owner, "client.").await? == ["client.unlinked"]);
    Ok(())
}

async fn a_preferred_channel_is_one_they_write_on(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, number) = (app.bot(&owner, "42").await?, app.number(&owner, "9").await?);
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let prefer = async |channel: Value| {
        let form = json!({ "channel_account_id": channel });
        app.put(&path(&anna, "/preferred-channel")).by(&owner).json(&form).send().await
    };
    ensure!(prefer(bot["id"].clone()).await?.expect(200)?["preferred_account_id"] == bot["id"]);
    prefer(number["id"].clone()).await?.problem(422, "validation")?;
    ensure!(prefer(Value::Null).await?.expect(200)?["preferred_account_id"].is_null());
    Ok(())
}

async fn feedback_is_listed_with_its_answer(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    for (who, helpful) in [("anna", true), ("ben", false)] {
        let person = app.writes(&owner, &bot, who, "When?").await?;
        ensure!(app.answers(&owner, &person, "At five.").await?);
        let opinion = feedback::Feedback {
            message_id: person.reply.context("an answer")?,
            helpful,
            reason: (!helpful).then(|| "Which day?".into()),
            created_at: now(),
        };
        let mut tx = app.db.write(owner.creator).await?;
        ensure!(feedback::give(&mut tx, owner.creator, person.conversation, &opinion).await?);
        tx.commit().await?;
    }
    let all = app.see(&owner, "/api/v1/feedback").await?;
    ensure!(texts(&all["items"], "text") == ["At five.", "At five."]);
    let bad = app.see(&owner, "/api/v1/feedback?helpful=false").await?;
    ensure!(texts(&bad["items"], "reason") == ["Which day?"]);
    Ok(())
}

async fn canned_replies_are_kept(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let form = json!({ "title": "Times", "text": "We meet at five." });
    let call = async || {
        let call = app.post("/api/v1/canned-replies").by(&owner).header("idempotency-key", "c1");
        call.json(&form).send().await?.expect(201)
    };
    let made = call().await?;
    ensure!(call().await? == made, "made once");
    let address = format!("/api/v1/canned-replies/{}", text(&made["id"]));
    let form = json!({ "text": "We meet at six." });
    let changed = app.patch(&address).by(&owner).json(&form).send().await?.expect(200)?;
    ensure!(changed["title"] == "Times" && changed["text"] == "We meet at six.");
    app.patch(&address).by(&owner).json(&json!({ "title": "" })).send().await?.problem(422, "validation")?;
    ensure!(app.see(&owner, "/api/v1/canned-replies").await?["items"] == json!([changed]));
    app.delete(&address).by(&owner).send().await?.expect(204)?;
    app.delete(&address).by(&owner).send().await?.problem(404, "not_found")?;
    Ok(())
}
