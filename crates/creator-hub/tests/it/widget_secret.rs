//! The secret with which a host page signs who a widget's clients are.

use anyhow::{Result, ensure};
use coxswain_test_support::db::TestDb;
use serde_json::json;

use crate::app::{App, text};

coxswain_test_support::contract! {
    a_secret_is_shown_once_and_replaced_at_will,
    a_public_key_is_checked,
}

async fn a_secret_is_shown_once_and_replaced_at_will(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let form = json!({ "kind": "widget", "name": "Site" });
    let widget = app.post("/api/v1/channel-accounts").by(&owner).json(&form).send().await?.expect(201)?;
    let one = format!("/api/v1/channel-accounts/{}", text(&widget["id"]));
    let path = format!("{one}/identity-secret");
    let mut secrets = Vec::new();
    for _ in 0..2 {
        let made = app.post(&path).by(&owner).send().await?.expect(201)?;
        secrets.push(text(&made["secret"]));
    }
    ensure!(secrets[0] != secrets[1] && secrets.iter().all(|secret| secret.starts_with("cxi_")));
    for elsewhere in [one.as_str(), "/api/v1/channel-accounts", "/api/v1/audit"] {
        let shown = app.see(&owner, elsewhere).await?.to_string();
        ensure!(secrets.iter().all(|secret| !shown.contains(secret)), "{elsewhere} shows a secret");
    }
    ensure!(
        app.see(&owner, "/api/v1/audit").await?.to_string().contains("channel_account.identity_secret_made")
    );
    for _ in 0..2 {
        app.delete(&path).by(&owner).send().await?.expect(204)?;
    }
    let bot = app.bot(&owner, "42").await?;
    let messenger = format!("/api/v1/channel-accounts/{}/identity-secret", text(&bot["id"]));
    app.post(&messenger).by(&owner).send().await?.problem(404, "not_found")?;
    Ok(())
}

async fn a_public_key_is_checked(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let key = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    let settings = |key: &str| json!({ "identity": "required", "identity_public_key": key });
    let form = json!({ "kind": "widget", "name": "Site", "settings": settings(key) });
    let made = app.post("/api/v1/channel-accounts").by(&owner).json(&form).send().await?.expect(201)?;
    ensure!(made["settings"]["identity"] == "required" && made["settings"]["identity_public_key"] == key);
    for wrong in ["", "abc", "-----BEGIN RSA PUBLIC KEY-----"] {
        let form = json!({ "kind": "widget", "name": "Site", "settings": settings(wrong) });
        app.post("/api/v1/channel-accounts")
            .by(&owner)
            .json(&form)
            .send()
            .await?
            .problem(422, "validation")?;
    }
    Ok(())
}
