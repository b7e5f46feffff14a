//! Signed identity: who the host page says its clients are, believed only when it is signed for this widget.

use std::{num::NonZeroU32, time::Duration};

use anyhow::{Context, Result};
use axum::http::{Method, StatusCode};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use coxswain_channels::web::{Quota, Quotas};
use coxswain_domain::{
    Clock,
    channel::{IdentityMode, WidgetSettings},
};
use coxswain_store::{
    channel_accounts::ChannelAccount, clients, identities, page::Page, widget_secrets, widget_sessions,
};
use coxswain_test_support::db::TestDb;
use futures::future::try_join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{Answer, App, HOST_PAGE},
    tenancy::endpoints,
};

coxswain_test_support::contract!(
    a_signed_identity_is_known_by_either_algorithm,
    tokens_that_prove_nothing_are_refused,
    a_token_is_good_for_its_own_widget_only,
    another_subject_gets_another_session,
    a_subject_goes_on_where_they_wrote,
    a_subject_begun_twice_at_once_is_one_client,
    identities_never_merge_by_themselves,
    required_refuses_anonymous_sessions_everywhere,
    a_verified_session_needs_no_new_token,
    logging_out_ends_the_session,
    off_takes_no_tokens,
);

const SECRET: &str = "cxi_the-secret-of-the-test";
/// The key pair of RFC 8410, sections 10.1 and 10.3.
const PUBLIC: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";

fn settings(identity: IdentityMode) -> WidgetSettings {
    WidgetSettings {
        allowed_origins: vec![HOST_PAGE.to_owned()],
        identity,
        identity_public_key: Some(PUBLIC.to_owned()),
        ..WidgetSettings::default()
    }
}

/// A widget with both keys.
async fn widget(app: &App, identity: IdentityMode) -> Result<ChannelAccount> {
    let account = app.widget_with(settings(identity)).await?;
    let mut tx = app.db.write(account.creator_id).await?;
    widget_secrets::set(&mut tx, app.clock.now(), account.creator_id, account.id, SECRET).await?;
    tx.commit().await?;
    Ok(account)
}

fn claims(app: &App, account: &ChannelAccount, subject: &str) -> Value {
    json!({
        "sub": subject, "aud": account.public_key, "exp": app.clock.now().timestamp() + 600, "name": "Ada",
    })
}

fn hs256(claims: &Value, secret: &str) -> Result<String> {
    Ok(jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes()))?)
}

fn eddsa(claims: &Value) -> Result<String> {
    let key = EncodingKey::from_ed_der(&STANDARD.decode(PRIVATE)?);
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &key)?)
}

fn assert_refused(answer: &Answer, code: &str, what: &str) {
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (StatusCode::FORBIDDEN, Some(code)),
        "{what}"
    );
}

async fn a_signed_identity_is_known_by_either_algorithm(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Optional).await?;
    for (subject, token) in [
        ("user-1", hs256(&claims(&app, &account, "user-1"), SECRET)?),
        ("user-2", eddsa(&claims(&app, &account, "user-2"))?),
    ] {
        let begun = app.begin(&account, Some(&token), None).await?;
        assert_eq!(begun.json()["subject"], subject, "{}", begun.text);
        let client = app.client(&begun)?;
        let mut tx = app.db.read(account.creator_id).await?;
        let met = identities::of_client(&mut tx, account.creator_id, client.id).await?;
        assert_eq!(met.iter().map(|one| one.verified).collect::<Vec<_>>(), [true]);
        let person = clients::get(&mut tx, account.creator_id, client.id).await?.context("a client")?;
        assert_eq!(person.display_name, "Ada");
        assert_eq!(client.say("Hello", Uuid::new_v4()).await?.status, StatusCode::ACCEPTED);
    }
    let anonymous = app.begin(&account, None, None).await?;
    assert_eq!((anonymous.status, &anonymous.json()["subject"]), (StatusCode::CREATED, &Value::Null));
    Ok(())
}

async fn tokens_that_prove_nothing_are_refused(db: &TestDb) -> Result<()> {
    let often = Quota { every: Duration::from_millis(1), burst: NonZeroU32::MAX };
    let app = App::limited(db, &Quotas { sessions_per_address: often, ..Quotas::default() });
    let account = widget(&app, IdentityMode::Optional).await?;
    let good = claims(&app, &account, "user-1");
    let now = app.clock.now().timestamp();
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().map(|all| all.remove(name));
        claims
    };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = part(&json!({"alg": "none", "typ": "JWT"}));
    let signed = hs256(&good, SECRET)?;
    let (head, rest) = signed.split_once('.').context("a token has parts")?;
    let (_, signature) = rest.split_once('.').context("a token has parts")?;
    let hs512 = jsonwebtoken::encode(
        &Header::new(Algorithm::HS512),
        &good,
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )?;
    let public = STANDARD.decode(PUBLIC)?;
    let confused =
        |secret: &[u8]| jsonwebtoken::encode(&Header::default(), &good, &EncodingKey::from_secret(secret));
    for (what, token) in [
        ("no algorithm", format!("{none}.{}.", part(&good))),
        ("no algorithm, with a signature", format!("{none}.{}.{signature}", part(&good))),
        ("another algorithm", hs512),
        ("another secret", hs256(&good, "cxi_guessed")?),
        ("an empty secret", hs256(&good, "")?),
        ("the public key as secret", confused(&public[12..])?),
        ("the public key's text as secret", confused(PUBLIC.as_bytes())?),
        ("another body", format!("{head}.{}.{signature}", part(&with("sub", "user-2".into())))),
        ("another audience", hs256(&with("aud", "cxw_else".into()), SECRET)?),
        ("no audience", hs256(&without("aud"), SECRET)?),
        ("expired", hs256(&with("exp", (now - 31).into()), SECRET)?),
        ("an end too far ahead", hs256(&with("exp", (now + 3_631).into()), SECRET)?),
        ("an end beyond all time", hs256(&with("exp", i64::MAX.into()), SECRET)?),
        ("no end", hs256(&without("exp"), SECRET)?),
        ("not valid yet", hs256(&with("nbf", (now + 300).into()), SECRET)?),
        ("no subject", hs256(&without("sub"), SECRET)?),
        ("an empty subject", hs256(&with("sub", "".into()), SECRET)?),
        ("a subject without end", hs256(&with("sub", "x".repeat(256).into()), SECRET)?),
        ("no token at all", "cxi".to_owned()),
        ("nothing", String::new()),
    ] {
        assert_refused(&app.begin(&account, Some(&token), None).await?, "identity_refused", what);
    }
    let mut tx = app.db.read(account.creator_id).await?;
    assert_eq!(clients::count(&mut tx, account.creator_id).await?, 0, "a refused token leaves nobody behind");
    drop(tx);

    // The very ends of what is allowed.
    for (what, claims) in [
        ("an hour ahead", with("exp", (now + 3_600).into())),
        ("several audiences", with("aud", json!(["another", account.public_key]))),
    ] {
        let begun = app.begin(&account, Some(&hs256(&claims, SECRET)?), None).await?;
        assert_eq!(begun.status, StatusCode::CREATED, "{what}: {}", begun.text);
    }
    Ok(())
}

async fn a_token_is_good_for_its_own_widget_only(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let (mine, theirs) =
        (widget(&app, IdentityMode::Optional).await?, widget(&app, IdentityMode::Optional).await?);
    // Even with the same keys: the audience tells them apart.
    for token in [hs256(&claims(&app, &theirs, "user-1"), SECRET)?, eddsa(&claims(&app, &theirs, "user-1"))?]
    {
        assert_refused(&app.begin(&mine, Some(&token), None).await?, "identity_refused", "a foreign token");
        let there = app.client(&app.begin(&theirs, Some(&token), None).await?)?;
        // Nor does a session of one widget begin, or end, one in another.
        app.client(&app.begin(&mine, None, Some(&there)).await?)?;
        assert_eq!(there.call(Method::GET, "/w/conversation", None).await?.status, StatusCode::OK);
    }
    // And without keys nothing is believed.
    let keyless = app
        .widget_with(WidgetSettings { identity_public_key: None, ..settings(IdentityMode::Optional) })
        .await?;
    let token = claims(&app, &keyless, "user-1");
    for token in [hs256(&token, SECRET)?, hs256(&token, "")?, eddsa(&token)?] {
        assert_refused(&app.begin(&keyless, Some(&token), None).await?, "identity_refused", "no key");
    }
    Ok(())
}

async fn another_subject_gets_another_session(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Optional).await?;
    let ada = hs256(&claims(&app, &account, "ada"), SECRET)?;
    let ada = app.client(&app.begin(&account, Some(&ada), None).await?)?;
    ada.say("My secret", Uuid::new_v4()).await?;
    let ben = hs256(&claims(&app, &account, "ben"), SECRET)?;
    let ben = app.client(&app.begin(&account, Some(&ben), Some(&ada)).await?)?;
    assert_ne!((ada.id, ada.conversation), (ben.id, ben.conversation));
    assert_eq!(ben.conversation().await?["messages"], json!([]));
    // Whoever signs in as somebody else leaves no session behind.
    assert_eq!(ada.call(Method::GET, "/w/conversation", None).await?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

async fn a_subject_goes_on_where_they_wrote(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Required).await?;
    let token = hs256(&claims(&app, &account, "ada"), SECRET)?;
    let phone = app.client(&app.begin(&account, Some(&token), None).await?)?;
    phone.say("From my phone", Uuid::new_v4()).await?;
    let desk = app.client(&app.begin(&account, Some(&token), None).await?)?;
    assert_eq!((phone.id, phone.conversation), (desk.id, desk.conversation));
    assert_ne!(phone.bearer, desk.bearer);
    assert_eq!(desk.conversation().await?["messages"][0]["text"], "From my phone");
    assert_eq!(phone.conversation().await?["messages"][0]["text"], "From my phone");
    Ok(())
}

async fn a_subject_begun_twice_at_once_is_one_client(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Optional).await?;
    let token = hs256(&claims(&app, &account, "ada"), SECRET)?;
    let begun = try_join_all((0..4).map(|_| app.begin(&account, Some(&token), None))).await?;
    let clients = begun.iter().map(|one| Ok(app.client(one)?.id)).collect::<Result<Vec<_>>>()?;
    assert!(clients.iter().all(|client| *client == clients[0]), "{clients:?}");
    Ok(())
}

async fn identities_never_merge_by_themselves(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Optional).await?;
    let anonymous = app.session(&account).await?;
    anonymous.say("Nobody knows me", Uuid::new_v4()).await?;
    let token = hs256(&claims(&app, &account, "ada"), SECRET)?;
    let known = app.client(&app.begin(&account, Some(&token), Some(&anonymous)).await?)?;
    assert_ne!(anonymous.id, known.id);
    assert_eq!(known.conversation().await?["messages"], json!([]));
    // A subject that looks like an anonymous client's own id is still somebody else.
    let posing = hs256(&claims(&app, &account, &anonymous.id.to_string()), SECRET)?;
    let posing = app.client(&app.begin(&account, Some(&posing), None).await?)?;
    assert_ne!(posing.id, anonymous.id);
    let mut tx = app.db.read(account.creator_id).await?;
    let all = clients::list(&mut tx, account.creator_id, Page { limit: 10, after: None }).await?;
    assert_eq!(all.items.len(), 3);
    Ok(())
}

async fn required_refuses_anonymous_sessions_everywhere(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Optional).await?;
    let anonymous = app.session(&account).await?;
    let account = app.set(&account, settings(IdentityMode::Required)).await?;
    let config = app.get(&format!("/w/{}/config", account.public_key), &[]).await?;
    assert_eq!(config.json()["identity"], "required");
    for (method, path, body) in endpoints() {
        assert_refused(&anonymous.call(method, path, body).await?, "identity_required", path);
    }
    assert_refused(&app.begin(&account, None, None).await?, "identity_required", "a new anonymous session");
    let token = hs256(&claims(&app, &account, "ada"), SECRET)?;
    let known = app.client(&app.begin(&account, Some(&token), Some(&anonymous)).await?)?;
    assert_eq!(known.say("Hello", Uuid::new_v4()).await?.status, StatusCode::ACCEPTED);
    Ok(())
}

async fn a_verified_session_needs_no_new_token(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Required).await?;
    let token = hs256(&claims(&app, &account, "ada"), SECRET)?;
    let known = app.client(&app.begin(&account, Some(&token), None).await?)?;
    app.clock.advance(chrono::Duration::days(2));
    assert_eq!(known.call(Method::GET, "/w/conversation", None).await?.status, StatusCode::OK);
    assert_refused(&app.begin(&account, Some(&token), None).await?, "identity_refused", "the old token");
    // A secret that leaked is replaced, and what was begun with it ends.
    let mut tx = app.db.write(account.creator_id).await?;
    widget_sessions::end_known(&mut tx, app.clock.now(), account.creator_id, account.id).await?;
    tx.commit().await?;
    assert_eq!(known.call(Method::GET, "/w/conversation", None).await?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

async fn logging_out_ends_the_session(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Optional).await?;
    let token = hs256(&claims(&app, &account, "ada"), SECRET)?;
    let known = app.client(&app.begin(&account, Some(&token), None).await?)?;
    known.say("Hello", Uuid::new_v4()).await?;
    assert_eq!(known.call(Method::DELETE, "/w/session", None).await?.status, StatusCode::NO_CONTENT);
    for (method, path, body) in endpoints() {
        assert_eq!(known.call(method, path, body).await?.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    // What was said is there when they come back.
    let again = app.client(&app.begin(&account, Some(&token), None).await?)?;
    assert_eq!(again.conversation().await?["messages"][0]["text"], "Hello");
    Ok(())
}

async fn off_takes_no_tokens(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, IdentityMode::Off).await?;
    let token = hs256(&claims(&app, &account, "ada"), SECRET)?;
    assert_refused(&app.begin(&account, Some(&token), None).await?, "identity_refused", "identity is off");
    assert_eq!(app.begin(&account, None, None).await?.status, StatusCode::CREATED);
    Ok(())
}
