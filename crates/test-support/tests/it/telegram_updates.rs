//! How updates reach a bot: polled until confirmed, or posted until taken.

use std::time::Duration;

use coxswain_test_support::{faults::Plan, telegram::FakeTelegram};
use serde_json::{Value, json};

use crate::{receiver::Receiver, telegram::call};

fn ids(answer: &Value) -> Vec<i64> {
    let list = answer["result"].as_array().expect("a list");
    list.iter().map(|update| update["update_id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn updates_come_again_until_an_offset_confirms_them() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    let bot = telegram.add_bot("mira_bot", "Mira");
    let person = telegram.add_person("Ana", "es");
    let sent: Vec<i64> = ["a", "b", "c"].iter().map(|text| telegram.say(bot.id, person, text)).collect();
    let poll = async |body: Value| ids(&call(&telegram, &bot, "getUpdates", body).await.1);
    assert_eq!(poll(json!({})).await, sent);
    assert_eq!(poll(json!({"limit": 2})).await, sent[..2]);
    assert_eq!(poll(json!({"offset": sent[1]})).await, sent[1..]);
    assert_eq!(poll(json!({"offset": -1})).await, sent[2..], "the others are forgotten");
    assert_eq!(poll(json!({"offset": sent[2] + 1})).await, Vec::<i64>::new());
    assert_eq!(telegram.pending(bot.id), 0);
}

#[tokio::test]
async fn a_long_poll_ends_with_what_comes() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    let bot = telegram.add_bot("mira_bot", "Mira");
    let person = telegram.add_person("Ana", "es");
    let waiting = call(&telegram, &bot, "getUpdates", json!({"timeout": 50}));
    let (answer, sent) = tokio::join!(waiting, async {
        tokio::task::yield_now().await;
        telegram.say(bot.id, person, "hello")
    });
    assert_eq!(ids(&answer.1), [sent]);
}

#[tokio::test]
async fn only_one_may_poll_and_nobody_beside_a_webhook() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    let bot = telegram.add_bot("mira_bot", "Mira");
    let receiver = Receiver::start(&[], "").await;
    let mut changes = telegram.changes();
    let first = call(&telegram, &bot, "getUpdates", json!({"timeout": 50}));
    let (first, second) = tokio::join!(first, async {
        // The first one is waiting as soon as the double has noted it.
        changes.changed().await.expect("it runs");
        call(&telegram, &bot, "getUpdates", json!({"timeout": 0})).await
    });
    assert_eq!((first.0, second.0), (409, 200));
    let words = first.1["description"].as_str().expect("words");
    assert!(words.starts_with("Conflict: terminated by other getUpdates request"), "{words}");
    assert_eq!(call(&telegram, &bot, "setWebhook", json!({"url": receiver.url})).await.0, 200);
    let (status, refused) = call(&telegram, &bot, "getUpdates", json!({})).await;
    assert_eq!(status, 409);
    let words = refused["description"].as_str().expect("words");
    assert!(words.starts_with("Conflict: can't use getUpdates method while webhook is active"), "{words}");
    call(&telegram, &bot, "deleteWebhook", json!({})).await;
    assert_eq!(call(&telegram, &bot, "getUpdates", json!({})).await.0, 200);
}

#[tokio::test]
async fn a_webhook_carries_its_secret_and_comes_again_until_it_is_taken() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    telegram.retry_after(Duration::from_millis(1));
    let bot = telegram.add_bot("mira_bot", "Mira");
    let person = telegram.add_person("Ana", "es");
    let receiver = Receiver::start(&[503, 500, 503], "").await;
    let (status, _) =
        call(&telegram, &bot, "setWebhook", json!({"url": receiver.url, "secret_token": "a b"})).await;
    assert_eq!(status, 400, "a secret has letters, digits, _ and - only");
    let hook = json!({"url": receiver.url, "secret_token": "s-3_cret"});
    assert_eq!(call(&telegram, &bot, "setWebhook", hook).await.0, 200);
    telegram.say(bot.id, person, "first");
    telegram.say(bot.id, person, "second");
    let taken = receiver.wait_for(5).await;
    let texts: Vec<_> = taken.iter().map(|it| it.json()["message"]["text"].clone()).collect();
    // Nothing of a chat overtakes what was refused.
    assert_eq!(texts, ["first", "first", "first", "first", "second"]);
    assert!(taken.iter().all(|it| it.headers["x-telegram-bot-api-secret-token"] == "s-3_cret"));
    assert!(telegram.wait_until(Duration::from_secs(20), |it| it.pending(bot.id) == 0).await);
    let (_, info) = call(&telegram, &bot, "getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["pending_update_count"], 0);
    let failure = info["result"]["last_error_message"].as_str().expect("the last failure");
    assert_eq!(failure, "Wrong response from the webhook: 503 Service Unavailable");
}

#[tokio::test]
async fn one_chat_that_is_refused_does_not_hold_another_up() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    telegram.retry_after(Duration::from_mins(1));
    let bot = telegram.add_bot("mira_bot", "Mira");
    let (ana, bo) = (telegram.add_person("Ana", ""), telegram.add_person("Bo", ""));
    // The first try and the retry at once; then Ana's chat waits for a minute.
    let receiver = Receiver::start(&[503, 503], "").await;
    call(&telegram, &bot, "setWebhook", json!({"url": receiver.url})).await;
    telegram.say(bot.id, ana, "held");
    receiver.wait_for(2).await;
    telegram.say(bot.id, bo, "free");
    let taken = receiver.wait_for(3).await;
    assert_eq!(taken[2].json()["message"]["text"], "free");
}

#[tokio::test]
async fn a_tap_is_a_query_that_is_answered_once() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    let bot = telegram.add_bot("mira_bot", "Mira");
    let person = telegram.add_person("Ana", "es");
    telegram.say(bot.id, person, "/start abc");
    let markup = json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "tok"}]]});
    let body = json!({"chat_id": person, "text": "Sure?", "reply_markup": markup});
    let (_, sent) = call(&telegram, &bot, "sendMessage", body).await;
    let message = sent["result"]["message_id"].as_i64().expect("an id");
    assert_eq!(telegram.tap(bot.id, person, message, "No"), None, "there is no such button");
    let query = telegram.tap(bot.id, person, message, "Yes").expect("a button");
    let (_, updates) = call(&telegram, &bot, "getUpdates", json!({})).await;
    assert_eq!(
        updates["result"][0]["message"]["entities"][0]["length"], 6,
        "the command without its argument"
    );
    let tap = &updates["result"][1]["callback_query"];
    assert_eq!((&tap["id"], &tap["data"]), (&json!(query), &json!("tok")));
    let answer = json!({"callback_query_id": query, "text": "Noted"});
    assert_eq!(call(&telegram, &bot, "answerCallbackQuery", answer.clone()).await.0, 200);
    assert_eq!(call(&telegram, &bot, "answerCallbackQuery", answer).await.0, 400);
    let seen = telegram.messages(bot.id, person).pop().expect("the bot's message");
    assert_eq!(seen.toast.as_deref(), Some("Noted"));
}

#[tokio::test]
async fn only_kinds_that_were_asked_for_come() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    let bot = telegram.add_bot("mira_bot", "Mira");
    let person = telegram.add_person("Ana", "es");
    call(&telegram, &bot, "getUpdates", json!({"allowed_updates": ["message"]})).await;
    telegram.say(bot.id, person, "hello");
    telegram.block(bot.id, person, true);
    let (_, updates) = call(&telegram, &bot, "getUpdates", json!({})).await;
    assert_eq!(ids(&updates).len(), 1, "what is allowed stays as it was");
    call(&telegram, &bot, "getUpdates", json!({"allowed_updates": ["message", "my_chat_member"]})).await;
    telegram.block(bot.id, person, false);
    let (_, updates) = call(&telegram, &bot, "getUpdates", json!({})).await;
    assert_eq!(updates["result"][1]["my_chat_member"]["new_chat_member"]["status"], "member");
}

#[tokio::test]
async fn duplicates_carry_the_same_id() {
    let telegram = FakeTelegram::start().await.expect("a free port");
    let bot = telegram.add_bot("mira_bot", "Mira");
    let person = telegram.add_person("Ana", "es");
    telegram.faults().set(Plan { duplicate: 1.0, ..Plan::default() });
    let sent = telegram.say(bot.id, person, "hello");
    let (_, updates) = call(&telegram, &bot, "getUpdates", json!({})).await;
    assert_eq!(ids(&updates), [sent, sent]);
    let receiver = Receiver::start(&[], "").await;
    call(&telegram, &bot, "setWebhook", json!({"url": receiver.url, "drop_pending_updates": true})).await;
    let sent = telegram.say(bot.id, person, "again");
    let taken = receiver.wait_for(2).await;
    assert!(taken.iter().all(|it| it.json()["update_id"] == sent));
}
