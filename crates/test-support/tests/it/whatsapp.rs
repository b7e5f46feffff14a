//! What businesses may send, and how they are told when they may not.

use coxswain_test_support::{
    faults::Fault,
    whatsapp::{BusinessNumber, FakeWhatsApp, File, Template},
};
use serde_json::{Value, json};

const PHONE: &str = "491700000001";

pub(crate) struct Stage {
    pub(crate) whatsapp: FakeWhatsApp,
    pub(crate) number: BusinessNumber,
    pub(crate) customer: String,
}

impl Stage {
    /// A number, and a customer who has just written to it.
    pub(crate) async fn new() -> Self {
        let whatsapp = FakeWhatsApp::start().await.expect("a free port");
        let number = whatsapp.add_number("Mira", "+49 30 1234567");
        let customer = whatsapp.add_customer("Ana", PHONE);
        whatsapp.say(&number.phone_number_id, &customer, "hello");
        Self { whatsapp, number, customer }
    }

    pub(crate) async fn send(&self, body: &Value) -> (u16, Value) {
        self.post(&self.number.phone_number_id, &self.number.access_token, body).await
    }

    async fn post(&self, number: &str, token: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/v26.0/{number}/messages", self.whatsapp.url());
        let answer = reqwest::Client::new().post(url).bearer_auth(token).json(body).send().await;
        let answer = answer.expect("it answers");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/v26.0/{path}", self.whatsapp.url());
        let answer = reqwest::Client::new()
            .get(url)
            .bearer_auth(&self.number.access_token)
            .send()
            .await
            .expect("it answers");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

/// A message to Ana of this type.
pub(crate) fn message(kind: &str, content: &Value) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "to": PHONE, "type": kind});
    body[kind] = content.clone();
    body
}

fn buttons(titles: &[&str]) -> Value {
    let list: Vec<Value> = titles
        .iter()
        .enumerate()
        .map(|(place, title)| json!({"type": "reply", "reply": {"id": place.to_string(), "title": title}}))
        .collect();
    message("interactive", &json!({"type": "button", "body": {"text": "?"}, "action": {"buttons": list}}))
}

fn list(rows: usize) -> Value {
    let rows: Vec<Value> =
        (0..rows).map(|n| json!({"id": n.to_string(), "title": format!("Row {n}")})).collect();
    let action = json!({"button": "Choose", "sections": [{"title": "All", "rows": rows}]});
    message("interactive", &json!({"type": "list", "body": {"text": "?"}, "action": action}))
}

fn template(name: &str, parameters: &[&str]) -> Value {
    let parameters: Vec<Value> =
        parameters.iter().map(|text| json!({"type": "text", "text": text})).collect();
    let components = json!([{"type": "body", "parameters": parameters}]);
    message("template", &json!({"name": name, "language": {"code": "en"}, "components": components}))
}

fn check_in(name: &str, status: &str) -> Template {
    Template {
        name: name.to_owned(),
        language: "en".to_owned(),
        category: "UTILITY".to_owned(),
        status: status.to_owned(),
        body: "Your coach: {{1}}".to_owned(),
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_code() {
    let stage = Stage::new().await;
    let business = &stage.number.business_account_id;
    stage.whatsapp.add_template(business, check_in("check_in", "APPROVED"));
    stage.whatsapp.add_template(business, check_in("resting", "PAUSED"));
    stage.whatsapp.add_template(business, check_in("new", "PENDING"));
    let long = "a".repeat(4097);
    let opaque = {
        let mut body = message("text", &json!({"body": "hi"}));
        body["biz_opaque_callback_data"] = json!("o".repeat(513));
        body
    };
    let unaddressed = json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": "hi"}});
    let productless = json!({"to": PHONE, "type": "text", "text": {"body": "hi"}});
    let twins = json!({"type": "button", "body": {"text": "?"}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": "1", "title": "A"}}, {"type": "reply", "reply": {"id": "1", "title": "B"}}]}});
    let cases = [
        ("no product", productless, 400, 100),
        ("no recipient", unaddressed, 400, 131_008),
        ("long text", message("text", &json!({"body": long})), 400, 100),
        ("no text", message("text", &json!({"body": ""})), 400, 131_008),
        ("long opaque data", opaque, 400, 100),
        ("four buttons", buttons(&["a", "b", "c", "d"]), 400, 131_009),
        ("long title", buttons(&["123456789012345678901"]), 400, 131_009),
        ("the same title", buttons(&["a", "a"]), 400, 131_009),
        ("the same id", message("interactive", &twins), 400, 131_009),
        ("eleven rows", list(11), 400, 131_009),
        ("no rows", list(0), 400, 131_009),
        ("unknown kind", message("dance", &json!({})), 400, 131_051),
        ("unknown file", message("image", &json!({"id": "1"})), 400, 131_053),
        ("unknown template", template("hello", &[]), 404, 132_001),
        ("template under review", template("new", &["x"]), 404, 132_001),
        ("paused template", template("resting", &["x"]), 400, 132_015),
        ("missing parameter", template("check_in", &[]), 400, 132_000),
        ("line break in a parameter", template("check_in", &["a\nb"]), 400, 100),
    ];
    for (what, body, status, code) in cases {
        let (answered, answer) = stage.send(&body).await;
        assert_eq!((answered, &answer["error"]["code"]), (status, &json!(code)), "{what}: {answer}");
        assert!(answer["error"]["fbtrace_id"].is_string(), "{what}");
    }
    let seen = stage.whatsapp.messages(&stage.number.phone_number_id, &stage.customer);
    assert_eq!(seen.len(), 1, "nothing of it reached the customer");
}

#[tokio::test]
async fn what_keeps_the_rules_is_seen_by_the_customer() {
    let stage = Stage::new().await;
    let business = &stage.number.business_account_id;
    stage.whatsapp.add_template(business, check_in("check_in", "APPROVED"));
    let bsuid = json!({"messaging_product": "whatsapp", "recipient": stage.customer, "type": "text",
        "text": {"body": "by user id"}});
    let bodies = [
        message("text", &json!({"body": "a".repeat(4096)})),
        bsuid,
        buttons(&["a", "b", "12345678901234567890"]),
        list(10),
        template("check_in", &["how was your week?"]),
    ];
    for body in bodies {
        let (status, answer) = stage.send(&body).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer["messages"][0]["id"].as_str().is_some_and(|id| id.starts_with("wamid.")));
    }
    let seen = stage.whatsapp.messages(&stage.number.phone_number_id, &stage.customer);
    assert_eq!(seen.len(), 6);
    assert_eq!(seen[5].text, "Your coach: how was your week?");
    assert_eq!(seen[4].offers.len(), 10);
}

#[tokio::test]
async fn marks_of_reading_need_a_message_of_a_customer() {
    let stage = Stage::new().await;
    let inbound = stage.whatsapp.messages(&stage.number.phone_number_id, &stage.customer)[0].clone();
    let mark = |id: &str| {
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": id,
            "typing_indicator": {"type": "text"}})
    };
    let (status, answer) = stage.send(&mark("wamid.unknown")).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(131_009)));
    assert_eq!(stage.send(&mark(&inbound.wamid)).await, (200, json!({"success": true})));
    let seen = stage.whatsapp.messages(&stage.number.phone_number_id, &stage.customer);
    assert_eq!(seen[0].status, "read");
}

#[tokio::test]
async fn a_token_opens_its_own_number_only() {
    let stage = Stage::new().await;
    let other = stage.whatsapp.add_number("Other", "+49 30 7654321");
    let hello = message("text", &json!({"body": "hi"}));
    let (status, answer) = stage.post(&stage.number.phone_number_id, "nonsense", &hello).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!(190)));
    let (status, answer) = stage.post(&other.phone_number_id, &stage.number.access_token, &hello).await;
    assert_eq!((status, &answer["error"]["error_subcode"]), (400, &json!(33)));
    assert_eq!(stage.get(&other.phone_number_id).await.0, 400);
    assert_eq!(stage.get(&format!("{}/message_templates", other.business_account_id)).await.0, 400);
    let (status, number) = stage.get(&stage.number.phone_number_id).await;
    assert_eq!((status, &number["display_phone_number"]), (200, &json!("+49 30 1234567")));
}

#[tokio::test]
async fn templates_are_listed_page_by_page() {
    let stage = Stage::new().await;
    let business = &stage.number.business_account_id;
    for place in 0..5 {
        stage.whatsapp.add_template(business, check_in(&format!("template_{place}"), "APPROVED"));
    }
    let mut next = Some(format!("{}/v26.0/{business}/message_templates?limit=2", stage.whatsapp.url()));
    let (mut names, mut pages) = (Vec::new(), 0);
    while let Some(url) = next {
        let answer = reqwest::Client::new().get(url).bearer_auth(&stage.number.access_token).send().await;
        let page: Value = answer.expect("it answers").json().await.expect("JSON");
        let data = page["data"].as_array().expect("a list");
        names.extend(data.iter().map(|it| it["name"].as_str().expect("a name").to_owned()));
        next = page["paging"]["next"].as_str().map(str::to_owned);
        pages += 1;
    }
    assert_eq!((names.len(), names.last().map(String::as_str), pages), (5, Some("template_4"), 3));
}

#[tokio::test]
async fn files_can_be_fetched_with_the_numbers_token_only() {
    let stage = Stage::new().await;
    let voice = File {
        kind: "audio".to_owned(),
        mime: "audio/ogg; codecs=opus".to_owned(),
        bytes: b"opus".to_vec(),
        caption: String::new(),
        name: None,
    };
    stage.whatsapp.send_file(&stage.number.phone_number_id, &stage.customer, &voice);
    let form = "--b\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
        --b\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nimage/png\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\npng\r\n--b--\r\n";
    let url = format!("{}/v26.0/{}/media", stage.whatsapp.url(), stage.number.phone_number_id);
    let request = reqwest::Client::new().post(url).bearer_auth(&stage.number.access_token);
    let request = request.header("Content-Type", "multipart/form-data; boundary=b").body(form);
    let uploaded: Value = request.send().await.expect("it answers").json().await.expect("JSON");
    let id = uploaded["id"].as_str().expect("an id");
    let (_, view) = stage.get(id).await;
    assert_eq!((&view["mime_type"], &view["file_size"]), (&json!("image/png"), &json!("3")));
    let fetch = |token: &str| {
        reqwest::Client::new().get(view["url"].as_str().expect("a URL")).bearer_auth(token).send()
    };
    let bytes = fetch(&stage.number.access_token).await.expect("it answers").bytes().await.expect("bytes");
    assert_eq!(bytes.as_ref(), b"png");
    let other = stage.whatsapp.add_number("Other", "+49 30 7654321");
    assert_eq!(fetch(&other.access_token).await.expect("it answers").status(), 400);
    assert_eq!(stage.send(&message("image", &json!({"id": id}))).await.0, 200);
}

#[tokio::test]
async fn faults_come_on_command() {
    let stage = Stage::new().await;
    let hello = message("text", &json!({"body": "hi"}));
    stage.whatsapp.faults().next(Fault::TooMany { retry_after: 1 });
    stage.whatsapp.faults().next(Fault::Refuse { code: 131_056, detail: "too fast".to_owned() });
    stage.whatsapp.faults().next(Fault::ServerError { status: 503 });
    let codes = [(429, 130_429), (429, 131_056), (503, 2)];
    for (status, code) in codes {
        let (answered, answer) = stage.send(&hello).await;
        assert_eq!((answered, &answer["error"]["code"]), (status, &json!(code)));
    }
    stage.whatsapp.faults().next(Fault::BrokenJson);
    stage.whatsapp.faults().next(Fault::Slow { ms: 20 });
    assert_eq!(stage.send(&hello).await, (200, Value::Null));
    let (status, slow) = stage.send(&hello).await;
    assert!(status == 200 && slow["messages"][0]["id"].is_string(), "slow and whole: {slow}");
    let seen = stage.whatsapp.messages(&stage.number.phone_number_id, &stage.customer);
    assert_eq!(seen.len(), 3, "the last two were sent");
}
