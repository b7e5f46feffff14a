//! What bots may send, and how they are told when they may not.

use coxswain_test_support::{
    faults::{Fault, Plan},
    telegram::{Attachment, BotToken, FakeTelegram},
};
use serde_json::{Value, json};

pub(crate) async fn call(telegram: &FakeTelegram, bot: &BotToken, method: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/bot{}/{method}", telegram.url(), bot.token);
    let answer = reqwest::Client::new().post(url).json(&body).send().await.expect("it answers");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

async fn started() -> (FakeTelegram, BotToken, i64) {
    let telegram = FakeTelegram::start().await.expect("a free port");
    let bot = telegram.add_bot("mira_bot", "Mira");
    let person = telegram.add_person("Ana", "es");
    telegram.say(bot.id, person, "/start");
    (telegram, bot, person)
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_in_telegrams_words() {
    let (telegram, bot, person) = started().await;
    let stranger = telegram.add_person("Bo", "");
    let button = |data: &str| json!({"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]});
    let long = "a".repeat(4097);
    let emoji = "😀".repeat(2049);
    let cases = [
        ("sendMessage", json!({"text": "hi"}), "Bad Request: chat_id is empty"),
        ("sendMessage", json!({"chat_id": 1, "text": "hi"}), "Bad Request: chat not found"),
        ("sendMessage", json!({"chat_id": stranger, "text": "hi"}), "Bad Request: chat not found"),
        ("sendMessage", json!({"chat_id": person}), "Bad Request: message text is empty"),
        ("sendMessage", json!({"chat_id": person, "text": " \n"}), "Bad Request: message text is empty"),
        ("sendMessage", json!({"chat_id": person, "text": long}), "Bad Request: message is too long"),
        ("sendMessage", json!({"chat_id": person, "text": emoji}), "Bad Request: message is too long"),
        (
            "sendMessage",
            json!({"chat_id": person, "text": "<b>hi", "parse_mode": "HTML"}),
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendMessage",
            json!({"chat_id": person, "text": "hi", "reply_markup": button(&"d".repeat(65))}),
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            json!({"chat_id": person, "text": "hi", "reply_markup": button("")}),
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            json!({"chat_id": person, "text": "hi", "reply_parameters": {"message_id": 99}}),
            "Bad Request: message to be replied not found",
        ),
        (
            "sendMessageDraft",
            json!({"chat_id": person, "draft_id": 0, "text": "hi"}),
            "Bad Request: draft_id must be non-zero",
        ),
        (
            "sendMessageDraft",
            json!({"chat_id": person, "draft_id": 1, "text": long}),
            "Bad Request: message is too long",
        ),
        (
            "sendChatAction",
            json!({"chat_id": person, "action": "dance"}),
            "Bad Request: wrong parameter action in request",
        ),
        (
            "editMessageText",
            json!({"chat_id": person, "message_id": 99, "text": "hi"}),
            "Bad Request: message to edit not found",
        ),
        (
            "answerCallbackQuery",
            json!({"callback_query_id": "1"}),
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "getFile",
            json!({"file_id": "x"}),
            "Bad Request: wrong file_id or the file is temporarily unavailable",
        ),
    ];
    for (method, body, description) in cases {
        let (status, answer) = call(&telegram, &bot, method, body).await;
        let expected = json!({"ok": false, "error_code": 400, "description": description});
        assert_eq!((status, answer), (400, expected), "{method}");
    }
    assert_eq!(telegram.messages(bot.id, person).len(), 1, "nothing of it reached the person");
}

#[tokio::test]
async fn what_keeps_the_rules_is_seen_by_the_person() {
    let (telegram, bot, person) = started().await;
    let text = format!("<b>{}</b>", "a".repeat(4096));
    let markup = json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "d".repeat(64)}]]});
    // As forms carry it: numbers and objects in strings.
    let body = json!({"chat_id": person.to_string(), "text": text, "parse_mode": "HTML",
        "reply_markup": markup.to_string()});
    let (status, answer) = call(&telegram, &bot, "SendMessage", body).await;
    assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{answer}");
    assert_eq!(answer["result"]["entities"], json!([{"type": "bold", "offset": 0, "length": 4096}]));
    let seen = telegram.messages(bot.id, person).pop().expect("the bot's message");
    assert_eq!((seen.text.len(), seen.from_bot, seen.buttons[0][0].text.as_str()), (4096, true, "Yes"));
}

#[tokio::test]
async fn a_draft_gives_way_to_the_message() {
    let (telegram, bot, person) = started().await;
    let draft = json!({"chat_id": person, "draft_id": 5, "text": ""});
    assert_eq!(call(&telegram, &bot, "sendMessageDraft", draft).await.0, 200);
    assert_eq!(telegram.draft(bot.id, person).map(|draft| draft.draft_id), Some(5));
    call(&telegram, &bot, "sendMessage", json!({"chat_id": person, "text": "done"})).await;
    assert_eq!(telegram.draft(bot.id, person), None);
}

#[tokio::test]
async fn the_same_text_again_is_not_an_edit() {
    let (telegram, bot, person) = started().await;
    let (_, sent) = call(&telegram, &bot, "sendMessage", json!({"chat_id": person, "text": "one"})).await;
    let id = &sent["result"]["message_id"];
    let edit = |text: &str| json!({"chat_id": person, "message_id": id, "text": text});
    assert_eq!(call(&telegram, &bot, "editMessageText", edit("two")).await.0, 200);
    let (status, again) = call(&telegram, &bot, "editMessageText", edit("two")).await;
    assert_eq!(status, 400);
    let description = again["description"].as_str().expect("words");
    assert!(description.starts_with("Bad Request: message is not modified"), "{description}");
}

#[tokio::test]
async fn those_who_block_or_leave_or_move_cannot_be_written_to() {
    let (telegram, bot, person) = started().await;
    let hello = |chat: i64| json!({"chat_id": chat, "text": "hello"});
    telegram.block(bot.id, person, true);
    let (status, answer) = call(&telegram, &bot, "sendMessage", hello(person)).await;
    assert_eq!((status, &answer["description"]), (403, &json!("Forbidden: bot was blocked by the user")));
    telegram.block(bot.id, person, false);
    assert_eq!(call(&telegram, &bot, "sendMessage", hello(person)).await.0, 200);
    telegram.deactivate(person);
    let (status, answer) = call(&telegram, &bot, "sendMessage", hello(person)).await;
    assert_eq!((status, &answer["description"]), (403, &json!("Forbidden: user is deactivated")));
    telegram.migrate(bot.id, -5, -1_005);
    let (status, answer) = call(&telegram, &bot, "sendMessage", hello(-5)).await;
    assert_eq!((status, &answer["parameters"]), (400, &json!({"migrate_to_chat_id": -1005})));
    assert_eq!(call(&telegram, &bot, "sendMessage", hello(-1_005)).await.0, 200);
}

#[tokio::test]
async fn a_bot_is_known_by_its_whole_token() {
    let (telegram, bot, _) = started().await;
    let (status, me) = call(&telegram, &bot, "getMe", json!({})).await;
    assert_eq!((status, &me["result"]["username"]), (200, &json!("mira_bot")));
    let other = BotToken { token: format!("{}x", bot.token), ..bot.clone() };
    assert_eq!(call(&telegram, &other, "getMe", json!({})).await.0, 401);
    let shapeless = BotToken { token: "nonsense".to_owned(), ..bot.clone() };
    assert_eq!(call(&telegram, &shapeless, "getMe", json!({})).await.0, 404);
    assert_eq!(call(&telegram, &bot, "makeCoffee", json!({})).await.0, 404);
    telegram.revoke(bot.id);
    assert_eq!(call(&telegram, &bot, "getMe", json!({})).await.0, 401);
}

#[tokio::test]
async fn files_can_be_fetched_by_their_own_bot_only() {
    let (telegram, bot, person) = started().await;
    telegram.send_file(bot.id, person, &Attachment::Photo(b"jpeg".to_vec()), "my plate");
    let (_, updates) = call(&telegram, &bot, "getUpdates", json!({})).await;
    let photo = &updates["result"][1]["message"];
    assert_eq!(photo["caption"], "my plate");
    let id = &photo["photo"][0]["file_id"];
    let (_, file) = call(&telegram, &bot, "getFile", json!({"file_id": id})).await;
    let path = file["result"]["file_path"].as_str().expect("a path");
    let fetch = |token: String| reqwest::get(format!("{}/file/bot{token}/{path}", telegram.url()));
    let own = fetch(bot.token.clone()).await.expect("it answers");
    assert_eq!(own.bytes().await.expect("bytes").as_ref(), b"jpeg");
    let other = telegram.add_bot("other_bot", "Other");
    assert_eq!(fetch(other.token.clone()).await.expect("it answers").status(), 404);
    assert_eq!(call(&telegram, &other, "getFile", json!({"file_id": id})).await.0, 400);
}

#[tokio::test]
async fn faults_come_on_command() {
    let (telegram, bot, person) = started().await;
    let hello = || json!({"chat_id": person, "text": "hello"});
    telegram.faults().next(Fault::TooMany { retry_after: 14 });
    telegram.faults().next(Fault::ServerError { status: 502 });
    telegram.faults().next(Fault::BrokenJson);
    telegram.faults().next(Fault::LostAnswer { hold_ms: 0 });
    let (status, answer) = call(&telegram, &bot, "sendMessage", hello()).await;
    let flood = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 14",
        "parameters": {"retry_after": 14}});
    assert_eq!((status, answer), (429, flood));
    assert_eq!(call(&telegram, &bot, "sendMessage", hello()).await.0, 502);
    assert_eq!(telegram.messages(bot.id, person).len(), 1, "nothing was sent yet");
    let (status, broken) = call(&telegram, &bot, "sendMessage", hello()).await;
    assert_eq!((status, broken), (200, Value::Null), "half a JSON text is none");
    let url = format!("{}/bot{}/sendMessage", telegram.url(), bot.token);
    let lost = reqwest::Client::new().post(url).json(&hello()).send().await;
    let read = match lost {
        Ok(answer) => answer.bytes().await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert!(read.is_err(), "the answer is lost");
    assert_eq!(telegram.messages(bot.id, person).len(), 3, "both were sent all the same");
    assert!(telegram.calls().last().is_some_and(|call| call.answer_lost));
}

#[tokio::test]
async fn the_same_seed_makes_the_same_faults() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (telegram, bot, person) = started().await;
        let plan = Plan { seed: 7, server_error: 0.3, too_many: 0.2, ..Plan::default() };
        telegram.faults().set(plan);
        let mut statuses = Vec::new();
        for _ in 0..30 {
            let body = json!({"chat_id": person, "text": "hello"});
            statuses.push(call(&telegram, &bot, "sendMessage", body).await.0);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert!([200, 429, 502].iter().all(|status| runs[0].contains(status)), "{:?}", runs[0]);
}
