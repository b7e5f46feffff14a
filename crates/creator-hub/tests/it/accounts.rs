//! Logging in, staying in, being thrown out.

use anyhow::{Result, ensure};
use axum::http::StatusCode;
use chrono::Duration;
use coxswain_creator_hub::HubLimits;
use coxswain_store::throttle::Policy;
use coxswain_test_support::db::TestDb;
use serde_json::json;

use crate::app::{App, Login, PASSWORD, cookies, login, text, texts};

coxswain_test_support::contract! {
    a_session_begins_with_registering,
    a_spent_token_ends_its_family,
    two_tabs_may_refresh_together,
    logging_out_takes_effect_at_once,
    cookies_need_our_own_page,
    guessing_gets_slow,
    a_disabled_member_is_out_at_once,
    keys_open_what_their_scopes_say,
    the_last_owner_stays,
    nobody_hands_out_more_than_they_have,
    wrong_fields_are_named,
    everything_is_in_the_audit_log,
}

async fn refresh(app: &App, token: &str) -> Result<crate::app::Reply> {
    app.post("/api/v1/auth/refresh").json(&json!({ "refresh_token": token })).send().await
}

async fn knows(app: &App, token: &str) -> Result<bool> {
    Ok(app.get("/api/v1/me").bearer(token).send().await?.status == StatusCode::OK)
}

async fn a_session_begins_with_registering(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let form = json!({
        "email": " Mira@Example.org ", "password": PASSWORD, "name": "Mira", "creator_name": "Steady Water",
        "time_zone": "Europe/Lisbon",
    });
    let reply = app.post("/api/v1/auth/register").json(&form).send().await?;
    let session = reply.expect(201)?;
    ensure!(session["member"]["email"] == "mira@example.org" && session["member"]["role"] == "owner");
    ensure!(session["creator"]["settings"]["time_zone"] == "Europe/Lisbon");
    let cookies = cookies(&reply);
    ensure!(cookies.len() == 2 && cookies.iter().all(|cookie| cookie.contains("HttpOnly; SameSite=Lax")));
    let me = app.get("/api/v1/me").by(&login(&session)?).send().await?.expect(200)?;
    ensure!(me["member"] == session["member"] && me["creator"] == session["creator"]);

    app.post("/api/v1/auth/register").json(&form).send().await?.problem(409, "email_taken")?;
    app.log_in("MIRA@example.org", PASSWORD).await?.expect(200)?;
    app.clock.advance(Duration::minutes(11));
    ensure!(!knows(&app, &login(&session)?.token).await?, "an access token ends");
    Ok(())
}

async fn a_spent_token_ends_its_family(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let first = app.register("mira").await?;
    let other = login(&app.log_in("mira@example.org", PASSWORD).await?.expect(200)?)?;
    let second = login(&refresh(&app, &first.refresh).await?.expect(200)?)?;
    ensure!(knows(&app, &second.token).await?);
    app.clock.advance(Duration::seconds(11));
    refresh(&app, &first.refresh).await?.problem(401, "unauthenticated")?;
    refresh(&app, &second.refresh).await?.problem(401, "unauthenticated")?;
    ensure!(!knows(&app, &second.token).await?, "the thief's access token is worth nothing either");
    ensure!(knows(&app, &other.token).await?, "another log-in is another family");
    let log = app.get("/api/v1/audit?action=session.reuse_detected").by(&other).send().await?.expect(200)?;
    ensure!(log["items"].as_array().is_some_and(|items| items.len() == 1), "{log}");
    Ok(())
}

async fn two_tabs_may_refresh_together(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let first = app.register("mira").await?;
    let one = login(&refresh(&app, &first.refresh).await?.expect(200)?)?;
    app.clock.advance(Duration::seconds(9));
    let two = login(&refresh(&app, &first.refresh).await?.expect(200)?)?;
    for tab in [one, two] {
        refresh(&app, &tab.refresh).await?.expect(200)?;
    }
    Ok(())
}

async fn logging_out_takes_effect_at_once(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let session = app.register("mira").await?;
    ensure!(knows(&app, &session.token).await?);
    let body = json!({ "refresh_token": session.refresh });
    let reply = app.post("/api/v1/auth/logout").json(&body).send().await?;
    ensure!(reply.status == 204);
    ensure!(cookies(&reply).iter().all(|cookie| cookie.contains("Max-Age=0")));
    ensure!(!knows(&app, &session.token).await?);
    refresh(&app, &session.refresh).await?.problem(401, "unauthenticated")?;
    Ok(())
}

async fn cookies_need_our_own_page(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let session = app.register("mira").await?;
    let cookie = format!("cx_access={}", session.token);
    let make = |site: &str| {
        let call = app.post("/api/v1/knowledge-bases").header("cookie", &cookie);
        call.header("sec-fetch-site", site).json(&json!({ "name": "Habits" }))
    };
    make("cross-site").header("x-requested-with", "coxswain").send().await?.problem(403, "csrf")?;
    make("same-origin").send().await?.problem(403, "csrf")?;
    make("same-origin").header("x-requested-with", "coxswain").send().await?.expect(201)?;
    app.get("/api/v1/me").header("cookie", &cookie).send().await?.expect(200)?;
    let refresh =
        app.post("/api/v1/auth/refresh").header("cookie", &format!("cx_refresh={}", session.refresh));
    refresh.send().await?.problem(403, "csrf")?;
    Ok(())
}

async fn guessing_gets_slow(db: &TestDb) -> Result<()> {
    let quarter = Duration::minutes(15);
    let limits = HubLimits {
        address: Policy { failures: 3, window: quarter, block: quarter },
        network: Policy { failures: 8, window: quarter, block: quarter },
        ..HubLimits::default()
    };
    let app = App::with(db, limits).await?;
    app.register("mira").await?;
    for _ in 0..3 {
        app.log_in("mira@example.org", "wrong").await?.problem(401, "invalid_credentials")?;
    }
    let reply = app.log_in("mira@example.org", PASSWORD).await?;
    reply.problem(429, "too_many_attempts")?;
    ensure!(reply.headers["retry-after"] == "901");
    for guess in 0..5 {
        app.log_in(&format!("{guess}@example.org"), "wrong").await?.problem(401, "invalid_credentials")?;
    }
    app.log_in("somebody@example.org", "wrong").await?.problem(429, "too_many_attempts")?;
    app.clock.advance(quarter);
    app.log_in("mira@example.org", PASSWORD).await?.expect(200)?;
    for _ in 0..20 {
        app.log_in("mira@example.org", PASSWORD).await?.expect(200)?;
    }
    Ok(())
}

async fn a_disabled_member_is_out_at_once(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let editor = app.join(&owner, "tomas", "editor").await?;
    ensure!(knows(&app, &editor.token).await?);
    let path = format!("/api/v1/members/{}", editor.member);
    app.patch(&path).by(&owner).json(&json!({ "disabled": true })).send().await?.expect(200)?;
    ensure!(!knows(&app, &editor.token).await?);
    refresh(&app, &editor.refresh).await?.problem(401, "unauthenticated")?;
    app.log_in("tomas@example.org", PASSWORD).await?.problem(401, "invalid_credentials")?;
    app.patch(&path).by(&owner).json(&json!({ "disabled": false })).send().await?.expect(200)?;
    app.log_in("tomas@example.org", PASSWORD).await?.expect(200)?;
    ensure!(app.delete(&path).by(&owner).send().await?.status == 204);
    app.log_in("tomas@example.org", PASSWORD).await?.problem(401, "invalid_credentials")?;
    Ok(())
}

async fn keys_open_what_their_scopes_say(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let make = async |scopes: &[&str]| {
        let form = json!({ "name": "site", "scopes": scopes });
        app.post("/api/v1/api-keys").by(&owner).json(&form).send().await?.expect(201)
    };
    let status = async |secret: &str, path: &str| {
        anyhow::Ok(app.get(path).bearer(secret).send().await?.status.as_u16())
    };
    let (read, chat, admin) = (make(&["read"]).await?, make(&["chat"]).await?, make(&["admin"]).await?);
    let [read_secret, chat_secret, admin_secret] = [&read, &chat, &admin].map(|made| text(&made["secret"]));
    for (secret, path, expected) in [
        (&read_secret, "/api/v1/documents", 200),
        (&read_secret, "/api/v1/conversations", 200),
        (&read_secret, "/api/v1/members", 403),
        (&chat_secret, "/api/v1/documents", 403),
        (&chat_secret, "/api/v1/conversations", 200),
        (&admin_secret, "/api/v1/members", 200),
    ] {
        ensure!(status(secret, path).await? == expected, "{path}");
    }
    let question = json!({ "text": "Hello?" });
    app.post("/api/v1/messages")
        .bearer(&read_secret)
        .json(&question)
        .send()
        .await?
        .problem(403, "forbidden")?;
    app.post("/api/v1/messages").bearer(&chat_secret).json(&question).send().await?.expect(202)?;

    let listed = app.get("/api/v1/api-keys").by(&owner).send().await?;
    ensure!(!listed.text().contains(&read_secret), "a secret is shown once");
    ensure!(listed.json()["items"][2]["last_used_at"].is_string());
    ensure!(read_secret.starts_with(&text(&read["key"]["prefix"])));
    let path = format!("/api/v1/api-keys/{}", text(&read["key"]["id"]));
    ensure!(app.delete(&path).by(&owner).send().await?.status == 204);
    ensure!(status(&read_secret, "/api/v1/documents").await? == 401, "an ended key is worth nothing at once");
    Ok(())
}

async fn the_last_owner_stays(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let path = |login: &Login| format!("/api/v1/members/{}", login.member);
    for body in [json!({ "role": "admin" }), json!({ "disabled": true })] {
        app.patch(&path(&owner)).by(&owner).json(&body).send().await?.problem(409, "last_owner")?;
    }
    app.delete(&path(&owner)).by(&owner).send().await?.problem(409, "last_owner")?;
    let second = app.join(&owner, "tomas", "owner").await?;
    app.patch(&path(&owner)).by(&owner).json(&json!({ "role": "admin" })).send().await?.expect(200)?;
    app.delete(&path(&second)).by(&second).send().await?.problem(409, "last_owner")?;
    Ok(())
}

async fn nobody_hands_out_more_than_they_have(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let admin = app.join(&owner, "tomas", "admin").await?;
    let form = json!({ "email": "x@example.org", "name": "X", "role": "owner", "password": PASSWORD });
    app.post("/api/v1/members").by(&admin).json(&form).send().await?.problem(403, "forbidden")?;
    let owner_path = format!("/api/v1/members/{}", owner.member);
    app.patch(&owner_path)
        .by(&admin)
        .json(&json!({ "disabled": true }))
        .send()
        .await?
        .problem(403, "forbidden")?;
    app.delete(&owner_path).by(&admin).send().await?.problem(403, "forbidden")?;
    let own_path = format!("/api/v1/members/{}", admin.member);
    app.patch(&own_path)
        .by(&admin)
        .json(&json!({ "role": "owner" }))
        .send()
        .await?
        .problem(403, "forbidden")?;
    Ok(())
}

async fn wrong_fields_are_named(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let unknown = json!({ "daily_cap": 3, "dialy_cap": 4 });
    let problem =
        app.patch("/api/v1/settings").by(&owner).json(&unknown).send().await?.problem(422, "validation")?;
    ensure!(problem["errors"][0]["pointer"] == "/dialy_cap");
    let wrong =
        json!({ "daily_cap": 21, "time_zone": "Lisbon", "quiet_hours": { "start": "9pm", "end": "08:00" } });
    let problem =
        app.patch("/api/v1/settings").by(&owner).json(&wrong).send().await?.problem(422, "validation")?;
    let pointers = texts(&problem["errors"], "pointer");
    ensure!(pointers == ["/time_zone", "/daily_cap", "/quiet_hours/start"], "{pointers:?}");
    let short = json!({ "email": "no", "password": "short", "name": " ", "creator_name": "x" });
    let problem = app.post("/api/v1/auth/register").json(&short).send().await?.problem(422, "validation")?;
    ensure!(problem["errors"].as_array().is_some_and(|errors| errors.len() == 3));
    Ok(())
}

async fn everything_is_in_the_audit_log(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    app.log_in("mira@example.org", "wrong").await?.problem(401, "invalid_credentials")?;
    let editor = app.join(&owner, "tomas", "editor").await?;
    let settings = app.patch("/api/v1/settings").by(&owner).json(&json!({ "daily_cap": 3 }));
    settings.send().await?.expect(200)?;
    let key = json!({ "name": "site", "scopes": ["read"] });
    app.post("/api/v1/api-keys").by(&owner).json(&key).send().await?.expect(201)?;
    let document = app.upload(&editor, "a.md", b"# A").await?;
    app.delete(&format!("/api/v1/documents/{}", text(&document["id"]))).by(&editor).send().await?;
    let widget = json!({ "kind": "widget", "name": "Site" });
    app.post("/api/v1/channel-accounts").by(&owner).json(&widget).send().await?.expect(201)?;
    app.post("/api/v1/auth/logout").json(&json!({ "refresh_token": editor.refresh })).send().await?;
    let log = app.get("/api/v1/audit").by(&owner).send().await?.expect(200)?;
    let mut actions = texts(&log["items"], "action");
    actions.sort_unstable();
    ensure!(
        actions
            == [
                "api_key.created",
                "channel_account.created",
                "creator.registered",
                "document.deleted",
                "member.created",
                "session.logged_in",
                "session.logged_out",
                "session.refused",
                "settings.changed",
            ],
        "{actions:?}"
    );
    ensure!(!log.to_string().contains(PASSWORD));
    let by_editor =
        app.get(&format!("/api/v1/audit?actor={}", editor.member)).by(&owner).send().await?.expect(200)?;
    ensure!(by_editor["items"].as_array().is_some_and(|items| items.len() == 3), "{by_editor}");
    Ok(())
}
