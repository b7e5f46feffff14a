//! What businesses are told, and how it is signed.

use std::time::Duration;

use coxswain_test_support::{faults::Plan, whatsapp::Callback};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    receiver::{Receiver, Taken},
    whatsapp::{Stage, message},
};

const SECRET: &str = "the app's secret";
const SOON: Duration = Duration::from_secs(20);

async fn listening(answers: &[u16]) -> (Stage, Receiver) {
    let receiver = Receiver::start(answers, "token").await;
    let stage = Stage::new().await;
    stage.whatsapp.retry_after(Duration::from_millis(1));
    let callback = Callback { url: receiver.url.clone(), app_secret: SECRET.to_owned() };
    let wrong = stage.whatsapp.verify_callback(callback.clone(), "another").await;
    assert!(wrong.is_err(), "nobody is given webhooks who does not know the token");
    stage.whatsapp.verify_callback(callback, "token").await.expect("the challenge is answered");
    (stage, receiver)
}

impl Taken {
    fn signed(&self) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key");
        mac.update(&self.raw);
        let header = self.headers["x-hub-signature-256"].to_str().expect("letters");
        let hex = header.strip_prefix("sha256=").expect("the kind of hash");
        let pairs = (0..hex.len()).step_by(2).map(|place| &hex[place..place + 2]);
        let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect();
        mac.verify_slice(&bytes).is_ok()
    }

    fn values(&self) -> Vec<Value> {
        let body = self.json();
        let entries = body["entry"].as_array().expect("entries");
        let changes = entries.iter().flat_map(|entry| entry["changes"].as_array().expect("changes"));
        changes.map(|change| change["value"].clone()).collect()
    }
}

/// Everything under this name in all webhooks that were taken, in their order.
fn all(receiver: &Receiver, name: &str) -> Vec<Value> {
    let taken = receiver.taken();
    let values = taken.iter().filter(|it| it.status == 200).flat_map(Taken::values);
    values.flat_map(|value| value[name].as_array().cloned().unwrap_or_default()).collect()
}

#[tokio::test]
async fn webhooks_are_signed_over_their_bytes_and_come_again_until_taken() {
    let (stage, receiver) = listening(&[503, 500]).await;
    stage.whatsapp.say(&stage.number.phone_number_id, &stage.customer, "ñandú 😀 @");
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    assert!(receiver.taken().iter().all(Taken::signed));
    let messages = all(&receiver, "messages");
    let texts: Vec<_> = messages.iter().map(|it| it["text"]["body"].as_str().expect("a text")).collect();
    assert_eq!(texts, ["hello", "ñandú 😀 @"], "nothing is lost by two refusals");
    assert!(messages[0]["timestamp"].as_str().is_some_and(|it| it.parse::<i64>().is_ok()), "a Unix string");
    let value = &receiver.taken().last().expect("one").values()[0];
    assert_eq!(value["metadata"]["phone_number_id"], json!(stage.number.phone_number_id));
    assert_eq!(value["contacts"][0]["user_id"], json!(stage.customer));
}

#[tokio::test]
async fn a_hidden_phone_number_is_nowhere() {
    let (stage, receiver) = listening(&[]).await;
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    stage.whatsapp.hide_phone(&stage.customer, true);
    stage.whatsapp.say(&stage.number.phone_number_id, &stage.customer, "who am I?");
    let body = json!({"messaging_product": "whatsapp", "recipient": stage.customer, "type": "text",
        "text": {"body": "hi"}});
    assert_eq!(stage.send(&body).await.0, 200);
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    let messages = all(&receiver, "messages");
    assert!(messages[0]["from"].is_string() && messages[1]["from"].is_null());
    assert_eq!(messages[1]["from_user_id"], json!(stage.customer));
    let status = all(&receiver, "statuses").pop().expect("a status");
    assert!(status["recipient_id"].is_null());
    assert_eq!(status["recipient_user_id"], json!(stage.customer));
}

#[tokio::test]
async fn statuses_give_back_what_was_given_and_what_it_cost() {
    let (stage, receiver) = listening(&[]).await;
    let mut body = message("text", &json!({"body": "hi"}));
    body["biz_opaque_callback_data"] = json!("outbox 7");
    let (_, sent) = stage.send(&body).await;
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    stage.whatsapp.read(&stage.number.phone_number_id, &stage.customer);
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    let statuses = all(&receiver, "statuses");
    let stages: Vec<_> = statuses.iter().map(|it| it["status"].as_str().expect("a status")).collect();
    assert_eq!(stages, ["sent", "delivered", "read"]);
    for status in statuses {
        assert_eq!(status["id"], sent["messages"][0]["id"]);
        assert_eq!(status["biz_opaque_callback_data"], "outbox 7");
        assert_eq!(status["pricing"]["category"], "service");
    }
}

#[tokio::test]
async fn outside_the_window_it_is_accepted_and_fails_afterwards() {
    let (stage, receiver) = listening(&[]).await;
    stage.whatsapp.close_window(&stage.number.phone_number_id, &stage.customer);
    let (status, _) = stage.send(&message("text", &json!({"body": "hi"}))).await;
    assert_eq!(status, 200);
    let stranger =
        json!({"messaging_product": "whatsapp", "to": "15550000000", "type": "text", "text": {"body": "hi"}});
    assert_eq!(stage.send(&stranger).await.0, 200);
    stage.whatsapp.say(&stage.number.phone_number_id, &stage.customer, "open again");
    stage.whatsapp.faults().set(Plan { late_failure: 1.0, late_failure_code: 130_472, ..Plan::default() });
    assert_eq!(stage.send(&message("text", &json!({"body": "hi"}))).await.0, 200);
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    let statuses = all(&receiver, "statuses");
    let failed = statuses.iter().filter(|it| it["status"] == "failed");
    let mut codes: Vec<i64> = failed.map(|it| it["errors"][0]["code"].as_i64().expect("a code")).collect();
    codes.sort_unstable();
    assert_eq!(codes, [130_472, 131_026, 131_047]);
}

#[tokio::test]
async fn many_changes_share_one_webhook_on_every_level() {
    let stage = Stage::new().await;
    let other = stage.whatsapp.add_number("Other", "+49 30 7654321");
    let bo = stage.whatsapp.add_customer("Bo", "491700000002");
    stage.whatsapp.say(&stage.number.phone_number_id, &bo, "me too");
    stage.whatsapp.stop_marketing(&stage.number.phone_number_id, &bo, true);
    stage.whatsapp.say(&other.phone_number_id, &bo, "elsewhere");
    let receiver = Receiver::start(&[], "token").await;
    stage.whatsapp.set_callback(Callback { url: receiver.url.clone(), app_secret: SECRET.to_owned() });
    let taken = receiver.wait_for(1).await;
    let body = taken[0].json();
    assert_eq!(body["entry"].as_array().map(Vec::len), Some(2), "two business accounts");
    assert_eq!(body["entry"][0]["changes"].as_array().map(Vec::len), Some(2), "two fields");
    let value = &body["entry"][0]["changes"][0]["value"];
    assert_eq!(value["messages"].as_array().map(Vec::len), Some(2), "two messages");
    assert_eq!(body["entry"][0]["changes"][1]["value"]["user_preferences"][0]["value"], "stop");
}

#[tokio::test]
async fn duplicates_and_late_ones_are_the_same_messages() {
    let (stage, receiver) = listening(&[]).await;
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    stage.whatsapp.faults().set(Plan { duplicate: 1.0, reorder: 0.5, reorder_ms: 5, ..Plan::default() });
    for place in 0..10 {
        stage.whatsapp.say(&stage.number.phone_number_id, &stage.customer, &format!("message {place}"));
    }
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    let mut ids: Vec<String> =
        all(&receiver, "messages").iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids.len(), 21, "the first once, ten twice");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 11);
}

#[tokio::test]
async fn a_tap_answers_the_message_it_was_made_on() {
    let (stage, receiver) = listening(&[]).await;
    let reply = json!({"type": "reply", "reply": {"id": "tok", "title": "Yes"}});
    let content = json!({"type": "button", "body": {"text": "Sure?"}, "action": {"buttons": [reply]}});
    let (_, sent) = stage.send(&message("interactive", &content)).await;
    let id = sent["messages"][0]["id"].as_str().expect("an id");
    let number = &stage.number.phone_number_id;
    assert_eq!(stage.whatsapp.tap(number, &stage.customer, id, "No"), None, "there is no such button");
    stage.whatsapp.tap(number, &stage.customer, id, "Yes").expect("a button");
    assert!(stage.whatsapp.wait_until(SOON, |it| it.pending() == 0).await);
    let tap = all(&receiver, "messages").pop().expect("the tap");
    assert_eq!(tap["interactive"]["button_reply"], json!({"id": "tok", "title": "Yes"}));
    assert_eq!(tap["context"]["id"], id);
}
