//! Connecting messengers, and seeing what became of what was sent to and fro.

use anyhow::{Context, Result, ensure};
use coxswain_creator_hub::messengers::MessengerError;
use coxswain_domain::{ChannelAccountId, InboxId};
use coxswain_store::{
    connections, inbox,
    outbox::{self, Begun},
    portfolios,
};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};

use crate::app::{App, Login, now, text, texts};

coxswain_test_support::contract! {
    a_bot_is_checked_kept_and_set_to_work,
    what_a_provider_refuses_is_not_kept,
    a_connection_that_cannot_work_says_why,
    a_new_token_takes_the_place_of_the_old,
    one_account_has_one_creator,
    settings_are_checked_by_kind,
    switching_off_stops_and_on_resumes,
    disconnecting_lets_go,
    a_test_message_goes_to_who_wrote,
    templates_follow_the_provider,
    a_number_stands_with_meta_as_meta_says,
    whatsapp_is_switched_off_by_those_who_keep_channels,
    what_failed_is_listed_with_its_reason,
    what_could_not_be_read_is_shown_and_replayed,
    widgets_and_messengers_are_kept_apart,
}

fn path(channel: &Value, rest: &str) -> String {
    format!("/api/v1/channels/{}{rest}", text(&channel["id"]))
}

fn account(channel: &Value) -> Result<ChannelAccountId> {
    Ok(text(&channel["id"]).parse()?)
}

async fn a_bot_is_checked_kept_and_set_to_work(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    ensure!(app.providers.asked() == ["getMe 42:secret", "attach 42 polling"]);
    ensure!(bot["kind"] == "telegram" && bot["name"] == "A bot" && bot["enabled"] == true);
    let connection = &bot["connection"];
    ensure!(connection["state"] == "connected" && connection["link"] == "https://t.me/bot42");
    let number = app.number(&owner, "9").await?;
    ensure!(number["connection"]["link"] == "https://wa.me/15559", "{number}");
    let listed = app.get("/api/v1/channels").by(&owner).send().await?;
    ensure!(!listed.text().contains("secret"), "tokens are never shown");
    ensure!(texts(&listed.json()["items"], "kind") == ["whatsapp", "telegram"]);
    let log = app.see(&owner, "/api/v1/audit").await?;
    ensure!(!log.to_string().contains("secret"));
    ensure!(app.done(&owner, "channel.").await? == ["channel.connected", "channel.connected"]);
    Ok(())
}

async fn what_a_provider_refuses_is_not_kept(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let call = async || {
        app.post("/api/v1/channels/telegram").by(&owner).json(&json!({ "token": "1:x" })).send().await
    };
    let detail = "Telegram does not know this token.".to_owned();
    app.providers.fail(Some(MessengerError::Refused { code: "401".into(), detail: detail.clone() }));
    let problem = call().await?.problem(422, "validation")?;
    ensure!(problem["errors"][0] == json!({ "pointer": "/token", "detail": detail }));
    app.providers.fail(Some(MessengerError::Unreachable("timed out".into())));
    call().await?.problem(503, "provider_unreachable")?;
    ensure!(app.see(&owner, "/api/v1/channels").await?["items"] == json!([]));
    for wrong in [json!({ "token": " " }), json!({ "token": "a".repeat(201) }), json!({})] {
        let reply = app.post("/api/v1/channels/telegram").by(&owner).json(&wrong).send().await?;
        ensure!(reply.status == 422, "{wrong}: {}", reply.text());
    }
    Ok(())
}

async fn a_connection_that_cannot_work_says_why(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let why = "Set server.public_url to receive webhooks.";
    app.providers.fail(Some(MessengerError::NotSetUp(why.into())));
    let form = json!({ "settings": { "webhook": true } });
    let changed = app.patch(&path(&bot, "")).by(&owner).json(&form).send().await?.expect(200)?;
    ensure!(changed["connection"]["state"] == "paused" && changed["connection"]["state_reason"] == why);
    ensure!(app.see(&owner, &path(&bot, "")).await? == changed, "it is kept so");
    let attention = &app.see(&owner, "/api/v1/home").await?["attention"][0];
    ensure!(attention["text"] == format!("A bot: {why}"), "{attention}");
    // A provider that is away for a moment pauses nothing.
    app.providers.fail(None);
    let rename = app.patch(&path(&bot, "")).by(&owner).json(&json!({ "name": "Bot" })).send().await?;
    ensure!(rename.expect(200)?["connection"]["state"] == "paused", "a new name mends nothing");
    let form = json!({ "settings": { "webhook": false } });
    let mended = app.patch(&path(&bot, "")).by(&owner).json(&form).send().await?.expect(200)?;
    ensure!(mended["connection"]["state"] == "connected");
    app.providers.fail(Some(MessengerError::Unreachable("timed out".into())));
    let form = json!({ "settings": { "greeting": "Hi" } });
    let reply = app.patch(&path(&bot, "")).by(&owner).json(&form).send().await?;
    reply.problem(503, "provider_unreachable")?;
    let kept = app.see(&owner, &path(&bot, "")).await?;
    ensure!(kept["connection"]["state"] == "connected" && kept["connection"]["settings"]["greeting"] == "Hi");
    Ok(())
}

async fn a_new_token_takes_the_place_of_the_old(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let mut tx = app.db.write(owner.creator).await?;
    let revoked = connections::ConnectionState::Revoked;
    connections::set_state(&mut tx, now(), owner.creator, account(&bot)?, revoked, Some("Revoked.")).await?;
    tx.commit().await?;
    let form = json!({ "token": "42:fresh", "webhook": true });
    let again = app.post("/api/v1/channels/telegram").by(&owner).json(&form).send().await?.expect(201)?;
    ensure!(again["id"] == bot["id"] && again["connection"]["state"] == "connected");
    let mut tx = app.db.read(owner.creator).await?;
    let kept = connections::get(&mut tx, owner.creator, account(&bot)?).await?;
    let token = kept.map(|kept| kept.credentials);
    ensure!(matches!(token, Some(connections::Credentials::Telegram { token, .. }) if token == "42:fresh"));
    Ok(())
}

async fn one_account_has_one_creator(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, other) = (app.register("mira").await?, app.register("tomas").await?);
    app.bot(&owner, "42").await?;
    let form = json!({ "token": "42:secret" });
    let reply = app.post("/api/v1/channels/telegram").by(&other).json(&form).send().await?;
    reply.problem(409, "already_connected")?;
    ensure!(app.see(&other, "/api/v1/channels").await?["items"] == json!([]), "nothing half made is left");
    Ok(())
}

async fn settings_are_checked_by_kind(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, number) = (app.bot(&owner, "42").await?, app.number(&owner, "9").await?);
    let change = async |channel: &Value, settings: Value| {
        let form = json!({ "settings": settings });
        app.patch(&path(channel, "")).by(&owner).json(&form).send().await
    };
    let command = |name: &str| json!({ "name": name, "text": "We meet at five." });
    let changed = change(&bot, json!({ "commands": [command("times")], "greeting": " Hello " })).await?;
    let settings = &changed.expect(200)?["connection"]["settings"];
    ensure!(settings["commands"] == json!([command("times")]) && settings["greeting"] == "Hello");
    for wrong in [
        json!({ "commands": [command("Times")] }),
        json!({ "commands": [command("stop")] }),
        json!({ "commands": [command("a"), command("a")] }),
        json!({ "nudge_template": { "name": "x", "language": "en" } }),
    ] {
        change(&bot, wrong.clone())
            .await?
            .problem(422, "validation")
            .map_err(|error| error.context(wrong))?;
    }
    let template = json!({ "name": "check_in", "language": "en_US" });
    let changed = change(&number, json!({ "nudge_template": template })).await?.expect(200)?;
    ensure!(changed["connection"]["settings"]["nudge_template"] == template);
    let cleared = change(&number, json!({ "nudge_template": null })).await?.expect(200)?;
    ensure!(cleared["connection"]["settings"]["nudge_template"].is_null());
    change(&number, json!({ "webhook": true })).await?.problem(422, "validation")?;
    let stale = app.patch(&path(&bot, "")).by(&owner).header("if-match", "\"1\"").json(&json!({}));
    stale.send().await?.problem(412, "version_conflict")?;
    Ok(())
}

async fn switching_off_stops_and_on_resumes(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    app.providers.asked();
    let switch = async |enabled: bool| {
        let form = json!({ "enabled": enabled });
        app.patch(&path(&bot, "")).by(&owner).json(&form).send().await?.expect(200)
    };
    let off = switch(false).await?;
    ensure!(off["enabled"] == false && off["connection"]["state"] == "paused");
    let on = switch(true).await?;
    ensure!(on["connection"]["state"] == "connected" && on["connection"]["state_reason"].is_null());
    ensure!(app.providers.asked() == ["detach 42", "attach 42 polling"]);
    Ok(())
}

async fn disconnecting_lets_go(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let person = app.writes(&owner, &bot, "anna", "Hello?").await?;
    // Even from a provider that does not answer.
    app.providers.fail(Some(MessengerError::Unreachable("timed out".into())));
    app.delete(&path(&bot, "")).by(&owner).send().await?.expect(204)?;
    app.get(&path(&bot, "")).by(&owner).send().await?.problem(404, "not_found")?;
    ensure!(app.providers.asked().contains(&"detach 42".to_owned()));
    ensure!(app.done(&owner, "channel.").await?.first().is_some_and(|last| last == "channel.disconnected"));
    let kept = app.see(&owner, &format!("/api/v1/inbox/{}", person.conversation)).await?;
    ensure!(kept["conversation"]["channel"].is_null() && kept["messages"][0]["text"] == "Hello?");
    Ok(())
}

async fn a_test_message_goes_to_who_wrote(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let test =
        async |form: Value| app.post(&path(&bot, "/test-messages")).by(&owner).json(&form).send().await;
    test(json!({})).await?.problem(409, "nobody_wrote_yet")?;
    let anna = app.writes(&owner, &bot, "anna", "Hello?").await?;
    app.providers.asked();
    let sent = test(json!({})).await?.expect(200)?;
    ensure!(sent["client_id"] == json!(anna.identity.client_id) && sent["provider_message_id"] == "m1");
    let asked = app.providers.asked();
    ensure!(asked.len() == 1 && asked[0].starts_with("send 42 anna "), "{asked:?}");
    test(json!({ "client_id": anna.identity.client_id })).await?.expect(200)?;
    let detail = "Bot was blocked by the user.".to_owned();
    app.providers.fail(Some(MessengerError::Refused { code: "403".into(), detail: detail.clone() }));
    ensure!(test(json!({})).await?.problem(409, "provider_refused")?["detail"] == json!(detail));
    Ok(())
}

async fn templates_follow_the_provider(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let number = app.number(&owner, "9").await?;
    ensure!(app.see(&owner, &path(&number, "/templates")).await?["items"] == json!([]));
    let synced = app.post(&path(&number, "/templates/sync")).by(&owner).send().await?.expect(200)?;
    ensure!(synced["items"][0]["name"] == "check_in" && synced["items"][0]["parameters"] == 1);
    ensure!(app.see(&owner, &path(&number, "/templates")).await? == synced);
    Ok(())
}

async fn a_number_stands_with_meta_as_meta_says(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (number, bot) = (app.number(&owner, "9").await?, app.bot(&owner, "42").await?);
    let standing = app.see(&owner, &path(&number, "/standing")).await?;
    ensure!(standing["quality"] == "GREEN" && standing["tier"] == "TIER_2K", "{standing}");
    ensure!(standing["people_a_day"] == 2000 && standing["people_today"] == 0 && standing["news"].is_null());
    ensure!(
        app.see(&owner, &path(&bot, "/standing")).await?["people_today"].is_null(),
        "Telegram counts nobody"
    );
    let change = async |id: &str| {
        let form = json!({ "settings": { "portfolio": id } });
        app.patch(&path(&number, "")).by(&owner).json(&form).send().await
    };
    change("my portfolio").await?.problem(422, "validation")?;
    let mut tx = app.db.system().await?;
    portfolios::admit(&mut tx, now(), "777", "anna", None).await?;
    tx.commit().await?;
    ensure!(change("777").await?.expect(200)?["connection"]["settings"]["portfolio"] == "777");
    ensure!(app.see(&owner, &path(&number, "/standing")).await?["people_today"] == 1);
    Ok(())
}

async fn whatsapp_is_switched_off_by_those_who_keep_channels(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let changed = app.patch("/api/v1/settings").by(&owner).json(&json!({ "whatsapp": false })).send().await?;
    ensure!(changed.expect(200)?["settings"]["whatsapp"] == false);
    ensure!(app.done(&owner, "settings.").await? == ["settings.changed"]);
    let log = app.see(&owner, "/api/v1/audit").await?;
    ensure!(log["items"][0]["detail"]["fields"] == json!(["whatsapp"]), "{log}");
    Ok(())
}

/// A reply that its messenger refused.
async fn refused(app: &App, owner: &Login, bot: &Value) -> Result<()> {
    let anna = app.writes(owner, bot, "anna", "When?").await?;
    ensure!(app.answers(owner, &anna, "At five.").await?);
    let mut tx = app.db.write(owner.creator).await?;
    let reply = anna.reply.context("an answer")?;
    let part = outbox::split(&mut tx, now(), owner.creator, reply, &["At five.".to_owned()]).await?.remove(0);
    let begun = outbox::begin_sending(&mut tx, now(), owner.creator, part.id).await?;
    ensure!(matches!(begun, Some(Begun::Send(_))), "{begun:?}");
    let why = (Some("403"), "The client has blocked the bot.");
    outbox::failed(&mut tx, now(), owner.creator, part.id, why).await?;
    Ok(tx.commit().await?)
}

async fn what_failed_is_listed_with_its_reason(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, other) = (app.bot(&owner, "42").await?, app.bot(&owner, "43").await?);
    refused(&app, &owner, &bot).await?;
    let failed = app.see(&owner, &path(&bot, "/deliveries")).await?;
    let first = &failed["items"][0];
    ensure!(first["state"] == "failed" && first["code"] == "403" && first["purpose"] == "reply");
    ensure!(
        first["detail"] == "The client has blocked the bot." && first["client"]["display_name"] == "anna"
    );
    ensure!(app.see(&owner, &path(&bot, "/deliveries?state=withheld")).await?["items"] == json!([]));
    ensure!(
        app.see(&owner, &path(&other, "/deliveries")).await?["items"] == json!([]),
        "another bot's are not"
    );
    let conversation = text(&first["conversation_id"]);
    let shown = app.see(&owner, &format!("/api/v1/inbox/{conversation}")).await?;
    ensure!(shown["messages"][0]["delivery"].is_null(), "what a client wrote has no delivery");
    ensure!(shown["messages"][1]["delivery"]["state"] == "failed");
    Ok(())
}

/// Something that came to a channel and made no sense.
pub(crate) async fn nonsense(app: &App, owner: &Login, bot: &Value) -> Result<InboxId> {
    let mut tx = app.db.write(owner.creator).await?;
    let new = inbox::New {
        creator: owner.creator,
        account: account(bot)?,
        provider_message_id: "u1",
        sender: "anna",
        sent_at: None,
        raw: b"{\"update_id\":7,",
    };
    let id = inbox::receive_unreadable(&mut tx, now(), new, "It is not JSON.").await?;
    tx.commit().await?;
    id.context("it came for the first time")
}

async fn what_could_not_be_read_is_shown_and_replayed(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let (bot, other) = (app.bot(&owner, "42").await?, app.bot(&owner, "43").await?);
    let id = nonsense(&app, &owner, &bot).await?;
    let listed = app.see(&owner, &path(&bot, "/arrivals?state=unreadable")).await?;
    let first = &listed["items"][0];
    ensure!(first["id"] == json!(id) && first["problem"] == "It is not JSON.");
    ensure!(first["raw"] == "{\"update_id\":7," && first["bytes"] == 15);
    ensure!(app.see(&owner, &path(&other, "/arrivals")).await?["items"] == json!([]));
    let one = format!("/arrivals/{id}");
    ensure!(app.see(&owner, &path(&bot, &one)).await?["raw"] == first["raw"]);
    app.get(&path(&other, &one)).by(&owner).send().await?.problem(404, "not_found")?;
    app.post(&path(&bot, &format!("{one}/replay"))).by(&owner).send().await?.expect(202)?;
    ensure!(app.see(&owner, &path(&bot, &one)).await?["state"] == "waiting");
    Ok(())
}

async fn widgets_and_messengers_are_kept_apart(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let form = json!({ "kind": "widget", "name": "Site" });
    let widget = app.post("/api/v1/channel-accounts").by(&owner).json(&form).send().await?.expect(201)?;
    ensure!(texts(&app.see(&owner, "/api/v1/channel-accounts").await?["items"], "name") == ["Site"]);
    ensure!(texts(&app.see(&owner, "/api/v1/channels").await?["items"], "name") == ["Site", "A bot"]);
    ensure!(app.see(&owner, &path(&widget, "")).await?["connection"].is_null());
    app.delete(&path(&widget, "")).by(&owner).send().await?.problem(409, "not_a_messenger")?;
    let bot = text(&bot["id"]);
    app.get(&format!("/api/v1/channel-accounts/{bot}")).by(&owner).send().await?.problem(404, "not_found")?;
    let form = json!({ "kind": "telegram", "name": "Bot" });
    app.post("/api/v1/channel-accounts").by(&owner).json(&form).send().await?.problem(422, "validation")?;
    Ok(())
}
