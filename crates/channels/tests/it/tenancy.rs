//! Who may ask what: other origins, other creators, forged and expired tokens.

use anyhow::Result;
use axum::http::{Method, StatusCode};
use coxswain_domain::channel::WidgetSettings;
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, HOST_PAGE};

coxswain_test_support::contract!(
    only_allowed_origins_read_the_configuration,
    the_panel_is_framed_by_allowed_origins_only,
    unknown_keys_are_not_found,
    forged_tokens_are_refused,
    pages_of_other_origins_are_refused,
    one_client_never_sees_another,
);

/// Every endpoint that speaks in a client's name.
pub(crate) fn endpoints() -> Vec<(Method, &'static str, Option<Value>)> {
    let id = Uuid::new_v4();
    vec![
        (Method::GET, "/w/conversation", None),
        (Method::GET, "/w/events", None),
        (Method::POST, "/w/messages", Some(json!({"text": "a", "client_message_id": id}))),
        (Method::POST, "/w/cancel", None),
        (Method::POST, "/w/seen", Some(json!({"seq": 1}))),
        (Method::GET, "/w/transcript", None),
        (Method::DELETE, "/w/session", None),
        (Method::POST, "/w/human", Some(json!({"text": "A person, please"}))),
        (
            Method::POST,
            "/w/messages/01939000-0000-7000-8000-000000000000/feedback",
            Some(json!({"helpful": true})),
        ),
        (Method::POST, "/w/link-codes", None),
        (Method::POST, "/w/link", Some(json!({"code": "link-a"}))),
        (Method::PUT, "/w/consent", Some(json!({"check_ins": true, "time_zone": "UTC"}))),
    ]
}

async fn only_allowed_origins_read_the_configuration(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let path = format!("/w/{}/config", app.widget().await?.public_key);
    let allowed = app.get(&path, &[("origin", HOST_PAGE), ("sec-fetch-site", "cross-site")]).await?;
    assert_eq!(allowed.status, StatusCode::OK);
    assert_eq!(allowed.json()["name"], "Mira Lindqvist");
    assert_eq!(allowed.header("access-control-allow-origin"), Some(HOST_PAGE));
    assert_eq!(allowed.header("vary"), Some("Origin"));
    assert_eq!(allowed.header("access-control-allow-credentials"), None);

    for origin in ["https://evil.example", "https://mira.example.evil.example", "http://mira.example", "null"]
    {
        let denied = app.get(&path, &[("origin", origin), ("sec-fetch-site", "cross-site")]).await?;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(denied.header("access-control-allow-origin"), None);
        assert_eq!(denied.header("vary"), Some("Origin"));
    }
    let opaque = app.get(&path, &[("sec-fetch-site", "cross-site")]).await?;
    assert_eq!(opaque.status, StatusCode::FORBIDDEN);
    let own = app.get(&path, &[("sec-fetch-site", "same-origin")]).await?;
    assert_eq!((own.status, own.header("access-control-allow-origin")), (StatusCode::OK, None));
    Ok(())
}

async fn the_panel_is_framed_by_allowed_origins_only(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let policy = async |path: String| -> Result<String> {
        let answer = app.get(&path, &[]).await?;
        Ok(answer.header("content-security-policy").unwrap_or_default().to_owned())
    };
    let widget = app.widget().await?;
    let csp = policy(format!("/w/{}/panel", widget.public_key)).await?;
    assert!(csp.ends_with("frame-ancestors 'self' https://mira.example"), "{csp}");
    let preview = policy(format!("/w/{}/panel?preview=1", widget.public_key)).await?;
    assert!(preview.ends_with("frame-ancestors 'self'"), "{preview}");
    assert!(!csp.contains("unsafe"), "{csp}");

    let nowhere = app.widget_with(WidgetSettings::default()).await?;
    assert!(policy(format!("/w/{}/panel", nowhere.public_key)).await?.ends_with("frame-ancestors 'self'"));

    let crafted = app
        .widget_with(WidgetSettings {
            allowed_origins: vec!["https://a.example; script-src *".into(), "*".into(), "https:".into()],
            picture_url: Some("https://pic.example/a.png?x=;script-src *".into()),
            ..WidgetSettings::default()
        })
        .await?;
    let csp = policy(format!("/w/{}/panel", crafted.public_key)).await?;
    assert!(!csp.contains('*') && csp.contains("img-src 'self' blob: https://pic.example;"), "{csp}");
    Ok(())
}

async fn unknown_keys_are_not_found(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    app.widget().await?;
    for key in ["cxw_unknown", "%00", &"x".repeat(500)] {
        assert_eq!(app.get(&format!("/w/{key}/config"), &[]).await?.status, StatusCode::NOT_FOUND);
        let panel = app.get(&format!("/w/{key}/panel"), &[]).await?;
        assert_eq!(panel.status, StatusCode::NOT_FOUND);
        assert!(
            panel.header("content-security-policy").unwrap_or_default().ends_with("frame-ancestors 'none'")
        );
        let body = json!({"time_zone": "UTC", "locale": "en"});
        let session = app.call(Method::POST, &format!("/w/{key}/sessions"), &[], Some(body)).await?;
        assert_eq!(session.status, StatusCode::NOT_FOUND);
    }
    Ok(())
}

async fn forged_tokens_are_refused(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let altered = format!("{}x", client.bearer);
    let other_scheme = client.bearer.replace("Bearer", "Basic");
    for token in ["", "Bearer ", "Bearer cxs_", "Bearer cxs_AAAA", &altered, &other_scheme] {
        for (method, path, body) in endpoints() {
            let answer = app.call(method, path, &[("authorization", token)], body).await?;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} with {token:?}");
        }
    }
    Ok(())
}

async fn pages_of_other_origins_are_refused(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let widget = app.widget().await?;
    let client = app.session(&widget).await?;
    // Even the page that may show the widget has no business with its API.
    for foreign in [
        vec![("sec-fetch-site", "cross-site"), ("origin", HOST_PAGE)],
        vec![("sec-fetch-site", "same-site"), ("origin", "https://other.coxswain.example")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ] {
        let headers = [foreign, vec![("authorization", client.bearer.as_str())]].concat();
        for (method, path, body) in endpoints() {
            let answer = app.call(method, path, &headers, body).await?;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} with {headers:?}");
        }
        let body = json!({"time_zone": "UTC", "locale": "en"});
        let path = format!("/w/{}/sessions", widget.public_key);
        let answer = app.call(Method::POST, &path, &headers, Some(body)).await?;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let own = [("origin", "https://coxswain.example"), ("authorization", client.bearer.as_str())];
    assert_eq!(app.get("/w/conversation", &own).await?.status, StatusCode::OK);
    Ok(())
}

async fn one_client_never_sees_another(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let (first, second) = (app.widget().await?, app.widget().await?);
    let ours = app.session(&first).await?;
    let others = [app.session(&first).await?, app.session(&second).await?];
    let id = Uuid::new_v4();
    let mut events = ours.listen(None).await?;
    let sent = ours.say("Our secret", id).await?.json();
    ours.call(Method::PUT, "/w/consent", Some(json!({"check_ins": true, "time_zone": "UTC"}))).await?;
    events.until_answered().await?;
    for other in &others {
        let theirs = other.conversation().await?;
        assert_eq!(theirs["messages"], json!([]));
        assert_eq!((&theirs["consent"]["check_ins"], &theirs["unread"]), (&json!(false), &json!(0)));
        // The same client_message_id in another session is another message.
        let mut events = other.listen(None).await?;
        let answer = other.say("Mine", id).await?;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        assert_ne!(answer.json()["message"]["id"], sent["message"]["id"]);
        assert_eq!(events.next().await?.data["text"], "Mine");
    }
    assert_eq!(ours.conversation().await?["messages"].as_array().map(Vec::len), Some(2));
    Ok(())
}
