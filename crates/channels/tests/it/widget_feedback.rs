//! What clients think of answers: kept for answers of their own conversation alone.

use anyhow::{Context, Result};
use axum::http::{Method, StatusCode};
use coxswain_store::feedback;
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client};

coxswain_test_support::contract!(
    the_latest_opinion_counts,
    only_finished_answers_of_ones_own_can_be_judged,
    a_reason_has_its_limits,
);

/// Asks something; the ids of the question and of its finished answer.
async fn answered(client: &Client<'_>) -> Result<(String, String)> {
    let mut events = client.listen(None).await?;
    let sent = client.say("May I?", Uuid::new_v4()).await?.json();
    events.until_answered().await?;
    let id = |value: &Value| value.as_str().map(str::to_owned).context("an id");
    Ok((id(&sent["message"]["id"])?, id(&sent["reply_id"])?))
}

async fn judge(client: &Client<'_>, id: &str, body: Value) -> Result<StatusCode> {
    Ok(client.call(Method::POST, &format!("/w/messages/{id}/feedback"), Some(body)).await?.status)
}

async fn the_latest_opinion_counts(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    let (_, answer) = answered(&client).await?;
    assert_eq!(client.conversation().await?["feedback"], json!([]));
    assert_eq!(judge(&client, &answer, json!({"helpful": true})).await?, StatusCode::NO_CONTENT);
    let why = json!({"helpful": false, "reason": "  It was too long.  "});
    assert_eq!(judge(&client, &answer, why).await?, StatusCode::NO_CONTENT);
    let kept = client.conversation().await?["feedback"].clone();
    assert_eq!(kept, json!([{"message_id": answer, "helpful": false}]));
    let mut tx = app.db.read(account.creator_id).await?;
    let all = feedback::of_conversation(&mut tx, account.creator_id, client.conversation).await?;
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].helpful, all[0].reason.as_deref()), (false, Some("It was too long.")));
    Ok(())
}

async fn only_finished_answers_of_ones_own_can_be_judged(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    let (question, answer) = answered(&client).await?;
    let foreign = [app.session(&account).await?, app.session(&app.widget().await?).await?];
    for other in &foreign {
        answered(other).await?;
        assert_eq!(judge(other, &answer, json!({"helpful": false})).await?, StatusCode::NOT_FOUND);
    }
    for none in [question.as_str(), "nothing", "01939000-0000-7000-8000-000000000000"] {
        assert_eq!(judge(&client, none, json!({"helpful": true})).await?, StatusCode::NOT_FOUND, "{none}");
    }
    let words = app.engine.next().await;
    let growing = client.say("And now?", Uuid::new_v4()).await?.json();
    let growing = growing["reply_id"].as_str().context("a reply")?.to_owned();
    assert_eq!(judge(&client, &growing, json!({"helpful": true})).await?, StatusCode::NOT_FOUND);
    drop(words);
    assert_eq!(client.conversation().await?["feedback"], json!([]));
    Ok(())
}

async fn a_reason_has_its_limits(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let (_, answer) = answered(&client).await?;
    let with = |reason: String| json!({"helpful": true, "reason": reason});
    assert_eq!(judge(&client, &answer, with("a".repeat(1_000))).await?, StatusCode::NO_CONTENT);
    for body in [with("a".repeat(1_001)), json!({"reason": "Good"}), json!({"helpful": 1})] {
        assert_eq!(judge(&client, &answer, body).await?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    Ok(())
}
