//! Webhooks as their owners and their endpoints meet them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use coxswain_creator_hub::webhooks::Deliverer;
use coxswain_test_support::{
    db::TestDb,
    endpoint::{Answer, Endpoint},
};
use serde_json::{Value, json};

use crate::{
    app::{App, Login, now, text, texts},
    telling::{Hook, Telling, hook},
};

coxswain_test_support::contract! {
    a_webhook_is_added_changed_and_deleted,
    only_endpoints_we_may_post_to_are_taken,
    events_arrive_signed,
    both_secrets_sign_for_a_day,
    events_of_a_conversation_arrive_in_order,
    a_delivery_is_tried_for_a_day_and_replayed,
    an_endpoint_that_asks_for_quiet_gets_it,
    an_endpoint_that_is_gone_pauses_its_webhook,
    a_webhook_that_fails_for_days_is_paused,
    redirects_are_not_followed,
    private_addresses_are_not_posted_to,
    a_slow_endpoint_holds_up_no_other,
    a_webhook_is_tried_out,
    old_events_are_swept,
}

/// A creator with a bot, and an endpoint that is told of messages that come in.
struct World {
    app: App,
    owner: Login,
    bot: Value,
    endpoint: Endpoint,
    hook: Hook,
    telling: Telling,
}

impl World {
    async fn new(db: &TestDb) -> Result<Self> {
        let app = App::new(db).await?;
        let owner = app.register("mira").await?;
        let bot = app.bot(&owner, "42").await?;
        let endpoint = Endpoint::start().await?;
        let hook = hook(&app, &owner, &endpoint.url(), &["message.received"]).await?;
        let telling = Telling::new(&app, None)?;
        Ok(Self { app, owner, bot, endpoint, hook, telling })
    }

    /// Somebody writes, and it is told.
    async fn says(&self, who: &str, words: &str) -> Result<()> {
        self.app.writes(&self.owner, &self.bot, who, words).await?;
        self.telling.tell().await
    }

    /// The latest delivery, once it has been tried so often in all.
    async fn tried(&self, times: usize) -> Result<Value> {
        let listed = self.app.see(&self.owner, &self.hook.path("/deliveries")).await?;
        let id = text(&listed["items"][0]["id"]);
        let path = self.hook.path(&format!("/deliveries/{id}"));
        let enough = |seen: &Value| seen["tries"].as_array().is_some_and(|tries| tries.len() == times);
        self.app.until(&self.owner, &path, enough).await
    }

    /// The webhook, once it is paused.
    async fn paused(&self) -> Result<Value> {
        self.app.until(&self.owner, &self.hook.path(""), |seen| seen["state"] == "paused").await
    }
}

async fn a_webhook_is_added_changed_and_deleted(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let form =
        json!({ "url": " https://example.org/hooks ", "description": "CRM", "events": ["client.created"] });
    let add = || app.post("/api/v1/webhooks").by(&owner).header("idempotency-key", "one").json(&form).send();
    let made = add().await?.expect(201)?;
    ensure!(add().await?.expect(201)? == made, "made once");
    ensure!(made["webhook"]["url"] == "https://example.org/hooks" && made["webhook"]["state"] == "on");
    let secret = text(&made["secret"]);
    ensure!(secret.starts_with("whsec_"));
    let path = format!("/api/v1/webhooks/{}", text(&made["webhook"]["id"]));
    ensure!(app.see(&owner, &path).await? == made["webhook"]);
    ensure!(texts(&app.see(&owner, "/api/v1/webhooks").await?["items"], "id").len() == 1);
    let pause = json!({ "events": [], "enabled": false });
    let changed =
        app.patch(&path).by(&owner).header("if-match", "\"1\"").json(&pause).send().await?.expect(200)?;
    ensure!(changed["state"] == "paused" && changed["state_reason"] == "mira paused it.", "{changed}");
    ensure!(changed["events"] == json!([]) && changed["version"] == 2 && changed["description"] == "CRM");
    let late = app.patch(&path).by(&owner).header("if-match", "\"1\"").json(&pause).send().await?;
    late.problem(412, "version_conflict")?;
    let on = app.patch(&path).by(&owner).json(&json!({ "enabled": true })).send().await?.expect(200)?;
    ensure!(on["state"] == "on" && on["state_reason"].is_null());
    for wrong in [json!({ "events": ["weather.changed"] }), json!({ "events": ["webhook.test"] })] {
        app.patch(&path).by(&owner).json(&wrong).send().await?.expect(422)?;
    }
    for elsewhere in [path.as_str(), "/api/v1/webhooks", "/api/v1/audit"] {
        ensure!(!app.see(&owner, elsewhere).await?.to_string().contains(&secret), "{elsewhere}");
    }
    app.delete(&path).by(&owner).send().await?.expect(204)?;
    app.get(&path).by(&owner).send().await?.problem(404, "not_found")?;
    let done = app.done(&owner, "webhook.").await?;
    ensure!(done == ["webhook.deleted", "webhook.changed", "webhook.changed", "webhook.created"], "{done:?}");
    Ok(())
}

async fn only_endpoints_we_may_post_to_are_taken(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    for wrong in ["", "nowhere", "ftp://example.org/", "http://example.org/", "https://a:b@example.org/"] {
        let form = json!({ "url": wrong });
        let refused = app.post("/api/v1/webhooks").by(&owner).json(&form).send().await?;
        let problem = refused.problem(422, "validation")?;
        ensure!(problem["errors"][0]["pointer"] == "/url", "{wrong}: {problem}");
    }
    for count in 0..20 {
        hook(&app, &owner, &format!("https://example.org/{count}"), &[]).await?;
    }
    let form = json!({ "url": "https://example.org/more" });
    app.post("/api/v1/webhooks").by(&owner).json(&form).send().await?.problem(409, "too_many_webhooks")?;
    Ok(())
}

async fn events_arrive_signed(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    world.says("ann", "When do we row?").await?;
    let received = world.endpoint.until(1).await?;
    let (one, event) = (&received[0], received[0].json());
    ensure!(one.signed_with(&world.hook.secret)?, "{one:?}");
    let other = hook(&world.app, &world.owner, "https://example.org/", &[]).await?;
    ensure!(!one.signed_with(&other.secret)?, "nobody else's secret");
    ensure!(one.timestamp == now().timestamp() && event["id"] == one.id.as_str());
    ensure!(event["type"] == "message.received" && event["api_version"] == "1", "{event}");
    ensure!(event["data"]["message"]["text"] == "When do we row?", "{event}");
    ensure!(event["data"]["client"]["display_name"] == "ann", "{event}");
    let shown = world.tried(1).await?;
    ensure!(shown["payload"] == one.body.as_str(), "what is shown is what was sent");
    ensure!(shown["delivery"]["state"] == "delivered" && shown["delivery"]["event_id"] == one.id.as_str());
    ensure!(shown["tries"][0]["status"] == 204 && shown["tries"][0]["error"].is_null(), "{shown}");
    world.telling.tell().await?;
    ensure!(world.endpoint.received().len() == 1, "an answer nobody gave yet is no message");
    Ok(())
}

async fn both_secrets_sign_for_a_day(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let (app, owner) = (&world.app, &world.owner);
    let new = app.post(&world.hook.path("/secret")).by(owner).send().await?.expect(201)?;
    let secret = text(&new["secret"]);
    ensure!(new["previous_until"] == json!(now() + TimeDelta::hours(24)), "{new}");
    world.says("ann", "One").await?;
    let one = world.endpoint.until(1).await?.remove(0);
    ensure!(one.signed_with(&secret)? && one.signed_with(&world.hook.secret)?);
    app.clock.advance(TimeDelta::hours(24));
    let owner = crate::app::login(&app.log_in("mira@example.org", crate::app::PASSWORD).await?.expect(200)?)?;
    world.says("ann", "Two").await?;
    let two = world.endpoint.until(2).await?.remove(1);
    ensure!(two.signed_with(&secret)? && !two.signed_with(&world.hook.secret)?);
    ensure!(app.done(&owner, "webhook.secret").await? == ["webhook.secret_rotated"]);
    Ok(())
}

async fn events_of_a_conversation_arrive_in_order(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    for count in 0..12 {
        for who in ["ann", "ben"] {
            world.app.writes(&world.owner, &world.bot, who, &format!("{count}")).await?;
        }
    }
    world.telling.tell().await?;
    let received = world.endpoint.until(24).await?;
    for who in ["ann", "ben"] {
        let theirs = received.iter().map(coxswain_test_support::endpoint::Received::json);
        let theirs = theirs.filter(|event| event["data"]["client"]["display_name"] == who);
        let texts: Vec<_> = theirs.map(|event| text(&event["data"]["message"]["text"])).collect();
        let expected: Vec<_> = (0..12).map(|count| count.to_string()).collect();
        ensure!(texts == expected, "{who}: {texts:?}");
    }
    Ok(())
}

async fn a_delivery_is_tried_for_a_day_and_replayed(db: &TestDb) -> Result<()> {
    let mut world = World::new(db).await?;
    let key = json!({ "name": "site", "scopes": ["admin"] });
    let key = world.app.post("/api/v1/api-keys").by(&world.owner).json(&key).send().await?.expect(201)?;
    // A key outlives the days that pass here; a log-in does not.
    world.owner.token = text(&key["secret"]);
    let (app, owner) = (&world.app, &world.owner);
    world.endpoint.always(Answer::status(500).saying("x".repeat(5_000)));
    world.says("ann", "Are you there?").await?;
    let first = world.tried(1).await?;
    ensure!(first["delivery"]["state"] == "waiting" && first["delivery"]["attempts"] == 1, "{first}");
    ensure!(text(&first["tries"][0]["answer"]).len() == 1024, "only the beginning is kept");
    ensure!(first["tries"][0]["error"] == "The endpoint answered 500 Internal Server Error.", "{first}");
    for (times, minutes) in (2..).zip([1, 6, 34, 140, 340, 480, 690]) {
        world.telling.later(app, TimeDelta::minutes(minutes));
        world.tried(times).await?;
    }
    let last = world.tried(8).await?;
    ensure!(last["delivery"]["state"] == "failed" && last["delivery"]["next_attempt_at"].is_null(), "{last}");
    world.telling.later(app, TimeDelta::hours(48));
    let received = world.endpoint.until(8).await?;
    ensure!(received.iter().all(|one| one.id == received[0].id && one.body == received[0].body));
    world.endpoint.always(Answer::status(200));
    let id = text(&last["delivery"]["id"]);
    let failed = app.see(owner, &world.hook.path("/deliveries?state=failed")).await?;
    ensure!(texts(&failed["items"], "id") == [id.clone()], "{failed}");
    let all = json!({ "since": now() });
    let replayed = app.post(&world.hook.path("/replay")).by(owner).json(&all).send().await?.expect(202)?;
    ensure!(replayed["replayed"] == 1, "{replayed}");
    world.telling.later(app, TimeDelta::seconds(1));
    let arrived = world.tried(9).await?;
    ensure!(arrived["delivery"]["state"] == "delivered" && arrived["delivery"]["attempts"] == 1, "{arrived}");
    let again = world.hook.path(&format!("/deliveries/{id}/replay"));
    app.post(&again).by(owner).send().await?.expect(202)?;
    world.telling.later(app, TimeDelta::seconds(1));
    ensure!(world.endpoint.until(10).await?[9].id == received[0].id, "the same event");
    Ok(())
}

async fn an_endpoint_that_asks_for_quiet_gets_it(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    world.endpoint.next(Answer::status(429).with("retry-after", "120"));
    world.says("ann", "One").await?;
    let tried = world.tried(1).await?;
    let next: chrono::DateTime<chrono::Utc> = text(&tried["delivery"]["next_attempt_at"]).parse()?;
    ensure!(next == now() + TimeDelta::seconds(120), "{tried}");
    world.says("ben", "Two").await?;
    world.telling.later(&world.app, TimeDelta::seconds(60));
    // What is told to another webhook shows that the work went on meanwhile.
    let other = Endpoint::start().await?;
    hook(&world.app, &world.owner, &other.url(), &[]).await?;
    world.says("cat", "Three").await?;
    other.until(1).await?;
    ensure!(world.endpoint.received().len() == 1, "it is quiet");
    world.telling.later(&world.app, TimeDelta::seconds(61));
    world.endpoint.until(4).await?;
    Ok(())
}

async fn an_endpoint_that_is_gone_pauses_its_webhook(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    world.endpoint.next(Answer::status(410));
    world.says("ann", "One").await?;
    let paused = world.paused().await?;
    ensure!(paused["state_reason"] == "The endpoint answered 410 Gone.", "{paused}");
    ensure!(world.tried(1).await?["delivery"]["state"] == "failed");
    let log = world.app.see(&world.owner, "/api/v1/audit?action=webhook.paused").await?;
    ensure!(log["items"][0]["subject"] == world.hook.id.as_str(), "{log}");
    world.says("ann", "Two").await?;
    let waits = world.app.see(&world.owner, &world.hook.path("/deliveries?state=waiting")).await?;
    ensure!(texts(&waits["items"], "id").len() == 1, "what happens meanwhile waits: {waits}");
    let on = json!({ "enabled": true });
    world.app.patch(&world.hook.path("")).by(&world.owner).json(&on).send().await?.expect(200)?;
    world.telling.later(&world.app, TimeDelta::seconds(1));
    let received = world.endpoint.until(2).await?;
    ensure!(received[1].json()["data"]["message"]["text"] == "Two");
    Ok(())
}

async fn a_webhook_that_fails_for_days_is_paused(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    world.endpoint.always(Answer::status(503));
    world.says("ann", "One").await?;
    world.tried(1).await?;
    let failing = world.app.see(&world.owner, &world.hook.path("")).await?;
    ensure!(failing["failing_since"] == json!(now()) && failing["state"] == "on", "{failing}");
    // The token of the log-in ends before three days do.
    world.telling.later(&world.app, TimeDelta::days(3));
    world.endpoint.until(2).await?;
    let login = world.app.log_in("mira@example.org", crate::app::PASSWORD).await?.expect(200)?;
    let world = World { owner: crate::app::login(&login)?, ..world };
    let paused = world.paused().await?;
    ensure!(paused["state_reason"] == "Nothing arrived there for three days.", "{paused}");
    ensure!(world.app.done(&world.owner, "webhook.paused").await? == ["webhook.paused"]);
    Ok(())
}

async fn redirects_are_not_followed(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let elsewhere = Endpoint::start().await?;
    world.endpoint.next(Answer::status(307).with("location", elsewhere.url()));
    world.says("ann", "One").await?;
    let tried = world.tried(1).await?;
    ensure!(text(&tried["tries"][0]["error"]).ends_with("Redirects are not followed."), "{tried}");
    ensure!(tried["delivery"]["state"] == "waiting" && elsewhere.received().is_empty());
    Ok(())
}

async fn private_addresses_are_not_posted_to(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let endpoint = Endpoint::start().await?;
    // As it would be had the address become private after the webhook was added: by name, and by number.
    let by_name = endpoint.url().replace("127.0.0.1", "localhost");
    let hooks = [hook(&app, &owner, &endpoint.url(), &[]).await?, hook(&app, &owner, &by_name, &[]).await?];
    let telling = Telling::with(&app, Deliverer::new(app.db.clone(), app.clock.clone(), false)?, None);
    app.writes(&owner, &bot, "ann", "One").await?;
    telling.tell().await?;
    for hook in hooks {
        let tried = |seen: &Value| {
            seen["items"]
                .as_array()
                .is_some_and(|items| !items.is_empty() && items.iter().all(|item| item["attempts"] == 1))
        };
        let listed = app.until(&owner, &hook.path("/deliveries"), tried).await?;
        let path = hook.path(&format!("/deliveries/{}", text(&listed["items"][0]["id"])));
        let shown = app.see(&owner, &path).await?;
        let error = text(&shown["tries"][0]["error"]);
        ensure!(error.contains("does not lead to the public internet"), "{shown}");
    }
    ensure!(endpoint.received().is_empty());
    Ok(())
}

async fn a_slow_endpoint_holds_up_no_other(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let (slow, quick) = (Endpoint::start().await?, Endpoint::start().await?);
    slow.always(Answer::status(200).after(Duration::from_hours(1)));
    let stuck = hook(&app, &owner, &slow.url(), &[]).await?;
    hook(&app, &owner, &quick.url(), &["message.received"]).await?;
    let deliverer = Deliverer::new(app.db.clone(), app.clock.clone(), true)?;
    let telling = Telling::with(&app, deliverer.patient_for(Duration::from_millis(300)), None);
    for count in 0..40 {
        app.writes(&owner, &bot, &format!("client {count}"), "Hello?").await?;
    }
    telling.tell().await?;
    quick.until(40).await?;
    let listed = app
        .until(&owner, &stuck.path("/deliveries?limit=100"), |seen| {
            seen["items"].as_array().is_some_and(|items| items.iter().any(|item| item["attempts"] == 1))
        })
        .await?;
    let item = listed["items"].as_array().into_iter().flatten().find(|item| item["attempts"] == 1);
    let path = stuck.path(&format!("/deliveries/{}", text(&item.context("a try")?["id"])));
    let shown = app.see(&owner, &path).await?;
    ensure!(text(&shown["tries"][0]["error"]).starts_with("The endpoint did not answer within"), "{shown}");
    ensure!(shown["tries"][0]["status"].is_null());
    Ok(())
}

async fn a_webhook_is_tried_out(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let (app, owner) = (&world.app, &world.owner);
    let test = || app.post(&world.hook.path("/test")).by(owner).header("idempotency-key", "t").send();
    let sent = test().await?.expect(202)?;
    ensure!(test().await?.expect(202)? == sent, "once");
    world.telling.tell().await?;
    let received = world.endpoint.until(1).await?;
    ensure!(received[0].json()["type"] == "webhook.test" && received[0].signed_with(&world.hook.secret)?);
    app.patch(&world.hook.path("")).by(owner).json(&json!({ "enabled": false })).send().await?.expect(200)?;
    app.post(&world.hook.path("/test")).by(owner).send().await?.problem(409, "webhook_paused")?;
    Ok(())
}

async fn old_events_are_swept(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    world.says("ann", "One").await?;
    world.endpoint.until(1).await?;
    world.tried(1).await?;
    world.app.clock.advance(TimeDelta::days(31));
    world.telling.sweep().await?;
    let login = world.app.log_in("mira@example.org", crate::app::PASSWORD).await?.expect(200)?;
    let owner = crate::app::login(&login)?;
    let listed = world.app.see(&owner, &world.hook.path("/deliveries")).await?;
    ensure!(listed["items"] == json!([]), "{listed}");
    Ok(())
}
