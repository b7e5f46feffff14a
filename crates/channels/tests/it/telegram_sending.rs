//! What leaves for Telegram, judged by a double that knows its limits.

use std::{fmt::Debug, time::Duration};

use anyhow::{Context, Result};
use coxswain_channels::{
    road::{
        arrival::Content,
        messenger::{Code, Draft, Messenger, Part, Refusal},
    },
    telegram::{ConnectError, Telegram, read},
};
use coxswain_test_support::{
    db::TestDb,
    faults::Fault,
    telegram::{Attachment, BotToken, FakeTelegram},
};
use serde_json::json;

use crate::telegram_bots::{Bots, address, part, secret, telegram};

coxswain_test_support::contract!(
    an_answer_arrives_as_it_was_meant,
    a_long_answer_arrives_whole_in_parts_that_fit,
    broken_formatting_is_sent_as_plain_text_once,
    refusals_are_told_apart,
    a_chat_that_became_another_says_which,
    what_a_person_sends_can_be_fetched_up_to_a_limit,
    taps_drafts_and_typing_reach_the_person,
    a_token_tells_its_bot_and_a_bot_is_attached_either_way,
);

/// One bot, one person who has written to it, and the adapter between.
struct Talk {
    double: FakeTelegram,
    telegram: Telegram,
    bots: Bots,
    bot: BotToken,
    connection: coxswain_store::connections::Connection,
    person: i64,
}

impl Talk {
    async fn begin(db: &TestDb) -> Result<Self> {
        let double = FakeTelegram::start().await?;
        let bot = double.add_bot("mira_coach_bot", "Mira");
        let person = double.add_person("Ada", "de");
        double.say(bot.id, person, "/start");
        let bots = Bots::new(db);
        let connection = bots.connect(&bot, "mira_coach_bot", false).await?;
        Ok(Self { telegram: telegram(&double)?, double, bots, bot, connection, person })
    }

    fn part(&self, text: &str) -> Part {
        part(&*self.bots.clock, text)
    }

    async fn send(&self, part: &Part) -> Result<String, Code> {
        let sent = self.telegram.send(&self.connection, &address(self.person), part).await;
        sent.map(|accepted| accepted.message_id).map_err(|refusal| refusal.code)
    }

    /// What the bot has said.
    fn said(&self) -> Vec<coxswain_test_support::telegram::Message> {
        let all = self.double.messages(self.bot.id, self.person);
        all.into_iter().filter(|message| message.from_bot).collect()
    }
}

async fn an_answer_arrives_as_it_was_meant(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    let text = "## Plan\n\n**Row** 5 < 6 & [see](https://a.example/?x=1&y=2)\n\n```\na && b\n```";
    let parts = talk.telegram.parts(text, None);
    let [html] = parts.as_slice() else { anyhow::bail!("one part, not {parts:?}") };
    let buttons =
        vec![("token-1".to_owned(), "Yes, I did".to_owned()), ("token-2".into(), "Not today".into())];
    let id =
        talk.send(&Part { buttons, ..talk.part(html) }).await.map_err(|code| anyhow::anyhow!("{code:?}"))?;

    let said = talk.said();
    let [message] = said.as_slice() else { anyhow::bail!("one message, not {said:?}") };
    assert_eq!(message.message_id.to_string(), id);
    assert_eq!(message.text, "Plan\n\nRow 5 < 6 & see\n\na && b");
    let kinds: Vec<_> = message.entities.iter().map(|it| (it.kind.as_str(), it.offset, it.length)).collect();
    assert_eq!(kinds, [("bold", 0, 4), ("bold", 6, 3), ("text_link", 18, 3), ("pre", 23, 6)]);
    let taps: Vec<_> = message.buttons.iter().flatten().map(|it| it.callback_data.as_deref()).collect();
    assert_eq!(taps, [Some("token-1"), Some("token-2")]);
    Ok(())
}

async fn a_long_answer_arrives_whole_in_parts_that_fit(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    let sentence = "**Keep 😆 the stroke** long & even, then `rest <well>` before the next one. ";
    let parts = talk.telegram.parts(&sentence.repeat(150), None);
    assert_eq!(parts, talk.telegram.parts(&sentence.repeat(150), None), "the same every time");
    for text in &parts {
        talk.send(&talk.part(text)).await.map_err(|code| anyhow::anyhow!("{code:?}"))?;
    }
    let said = talk.said();
    assert!(said.len() > 1);
    assert!(said.iter().all(|message| message.text.encode_utf16().count() <= 4096));
    assert!(said.iter().all(|message| message.text.ends_with("next one.")));
    let joined: Vec<_> = said.iter().map(|message| message.text.as_str()).collect();
    let meant = "Keep 😆 the stroke long & even, then rest <well> before the next one. ".repeat(150);
    assert_eq!(joined.join(" "), meant.trim_end());
    assert_eq!(talk.telegram.parts(" \n ", None), ["…"], "Telegram takes no empty message");
    Ok(())
}

async fn broken_formatting_is_sent_as_plain_text_once(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    talk.send(&talk.part("<b>5 &lt; 6</i>")).await.map_err(|code| anyhow::anyhow!("{code:?}"))?;
    let said = talk.said();
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].text.as_str(), said[0].entities.len()), ("5 < 6", 0));
    // Whoever wants no formatting from the start gets words that are still safe to send.
    let plain = talk.telegram.plain("<b>5 &lt; 6</b> &amp; 7");
    assert_eq!(plain, "5 &lt; 6 &amp; 7");
    Ok(())
}

async fn refusals_are_told_apart(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    let faults = talk.double.faults();
    let hello = talk.part("hello");

    faults.next(Fault::TooMany { retry_after: 14 });
    let refusal = refused(talk.telegram.send(&talk.connection, &address(talk.person), &hello).await)?;
    assert_eq!((refusal.code, refusal.retry_after), (Code::Telegram(429), Some(Duration::from_secs(14))));

    faults.next(Fault::ServerError { status: 502 });
    assert_eq!(talk.send(&hello).await, Err(Code::Http(502)));
    faults.next(Fault::Refuse { code: 500, detail: "Internal Server Error".into() });
    assert_eq!(talk.send(&hello).await, Err(Code::Telegram(500)));
    assert_eq!(talk.said().len(), 0);

    // Done, but nobody says so.
    faults.next(Fault::BrokenJson);
    assert_eq!(talk.send(&hello).await, Err(Code::Ambiguous));
    faults.next(Fault::LostAnswer { hold_ms: 0 });
    assert_eq!(talk.send(&hello).await, Err(Code::Ambiguous));
    assert_eq!(talk.said().len(), 2);

    talk.double.block(talk.bot.id, talk.person, true);
    let refusal = refused(talk.telegram.send(&talk.connection, &address(talk.person), &hello).await)?;
    assert_eq!(refusal.code, Code::Telegram(403));
    assert!(refusal.detail.contains("blocked"), "{}", refusal.detail);

    talk.double.revoke(talk.bot.id);
    assert_eq!(talk.send(&hello).await, Err(Code::Telegram(401)));

    let nowhere = Telegram::new(&"http://127.0.0.1:1/".parse()?);
    let refusal = refused(nowhere.send(&talk.connection, &address(talk.person), &hello).await)?;
    assert_eq!(refusal.code, Code::Unreachable);
    let token = talk.bot.token.as_str();
    assert!(!format!("{refusal:?}").contains(token), "a token stands in {refusal:?}");
    Ok(())
}

async fn a_chat_that_became_another_says_which(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    talk.double.migrate(talk.bot.id, talk.person, -100_777);
    assert_eq!(talk.send(&talk.part("hello")).await, Err(Code::Migrated { to: "-100777".into() }));
    Ok(())
}

async fn what_a_person_sends_can_be_fetched_up_to_a_limit(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    let bytes = vec![7_u8; 3000];
    let file = Attachment::Document {
        name: "plan.pdf".into(),
        mime: "application/pdf".into(),
        bytes: bytes.clone(),
    };
    talk.double.send_file(talk.bot.id, talk.person, &file, "my plan");
    let update = waiting_updates(&talk).await?.pop().context("the file's update")?;
    let Content::Media(media) = read(update.to_string().as_bytes(), "mira_coach_bot")?.content else {
        anyhow::bail!("{update}");
    };
    assert_eq!((media.size, media.file_name.as_deref()), (Some(3000), Some("plan.pdf")));
    let fetched = talk.telegram.fetch(&talk.connection, &media.provider_file_id, 3000).await;
    assert_eq!(fetched.as_ref().ok(), Some(&bytes), "{fetched:?}");
    let refusal = refused(talk.telegram.fetch(&talk.connection, &media.provider_file_id, 2999).await)?;
    assert_eq!(refusal.code, Code::Telegram(400));
    let refusal = refused(talk.telegram.fetch(&talk.connection, "no-such-file", 3000).await)?;
    assert_eq!(refusal.code, Code::Telegram(400));
    Ok(())
}

async fn taps_drafts_and_typing_reach_the_person(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    let (bot, person, to) = (talk.bot.id, talk.person, address(talk.person));
    talk.telegram.typing(&talk.connection, &to).await;
    talk.telegram.draft(&talk.connection, &to, &Draft { id: 9, text: "Well, **row** o".to_owned() }).await;
    let draft = talk.double.draft(bot, person).context("a draft is seen")?;
    assert_eq!((draft.draft_id, draft.text.as_str()), (9, "Well, row o"));

    let buttons = vec![("token-1".to_owned(), "Yes".to_owned())];
    talk.send(&Part { buttons, ..talk.part("Well?") }).await.map_err(|code| anyhow::anyhow!("{code:?}"))?;
    assert!(talk.double.draft(bot, person).is_none());
    let message_id = talk.said()[0].message_id;
    let query = talk.double.tap(bot, person, message_id, "Yes").context("there is such a button")?;
    let update = waiting_updates(&talk).await?.pop().context("the tap's update")?;
    let arrival = read(update.to_string().as_bytes(), "mira_coach_bot")?;
    let choice =
        Content::Choice { token: "token-1".into(), title: "Yes".into(), query_id: Some(query.clone()) };
    assert_eq!(arrival.content, choice);
    assert_eq!(talk.said()[0].toast, None);
    talk.telegram.tapped(&talk.connection, &query).await;
    assert_eq!(talk.said()[0].toast.as_deref(), Some(""));
    let methods: Vec<_> = talk.double.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(methods, ["sendChatAction", "sendMessageDraft", "sendMessage", "answerCallbackQuery"]);
    Ok(())
}

async fn a_token_tells_its_bot_and_a_bot_is_attached_either_way(db: &TestDb) -> Result<()> {
    let talk = Talk::begin(db).await?;
    let account = talk
        .telegram
        .check(&format!(" {}\n", talk.bot.token))
        .await
        .map_err(|it| anyhow::anyhow!("{it:?}"))?;
    assert_eq!(
        (account.id, account.handle, account.name),
        (talk.bot.id.to_string(), "mira_coach_bot".into(), "Mira".into())
    );
    for wrong in ["", "hello", "12:", ":AA", "12:AA/../x", &format!("{}x", talk.bot.token)] {
        let refusal = refused(talk.telegram.check(wrong).await)?;
        assert_eq!(refusal.code, Code::Telegram(401), "{wrong}");
    }

    let mut connection = talk.connection.clone();
    connection.settings.webhook = true;
    connection.settings.commands = vec![
        ("Prices".into(), "What it costs,\nin short".into()),
        ("start".into(), "is taken".into()),
        ("not a name".into(), "never listed".into()),
    ];
    let refused = talk.telegram.attach(&connection, None).await;
    assert!(matches!(refused, Err(ConnectError::NotSetUp(_))), "{refused:?}");
    let public = "https://coach.example/base/".parse()?;
    talk.telegram.attach(&connection, Some(&public)).await?;
    let webhook = talk.double.webhook(talk.bot.id).context("the webhook is set")?;
    assert_eq!(
        webhook.url,
        format!("https://coach.example/base/hooks/telegram/{}", connection.channel_account_id)
    );
    assert_eq!(webhook.secret_token.as_deref(), Some(secret(&connection)));
    let calls = talk.double.calls();
    let set = calls.iter().find(|call| call.method == "setWebhook").context("it was called")?;
    let allowed = json!([
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "message_reaction",
        "managed_bot"
    ]);
    assert_eq!(set.params["allowed_updates"], allowed);
    let listed = calls.iter().find(|call| call.method == "setMyCommands").context("it was called")?;
    let names: Vec<_> =
        listed.params["commands"].as_array().into_iter().flatten().map(|it| it["command"].clone()).collect();
    assert_eq!(names, ["start", "human", "stop", "prices"]);

    connection.settings.webhook = false;
    talk.telegram.attach(&connection, Some(&public)).await?;
    assert!(talk.double.webhook(talk.bot.id).is_none());
    talk.telegram.attach(&connection, None).await?;

    let id = talk.telegram.send_test(&connection, &talk.person.to_string(), "1 < 2 *works*").await;
    let said = talk.said();
    assert_eq!(id.map_err(|it| anyhow::anyhow!("{it:?}"))?, said[0].message_id.to_string());
    assert_eq!(said[0].text, "1 < 2 *works*");
    Ok(())
}

fn refused<T: Debug>(result: Result<T, Refusal>) -> Result<Refusal> {
    match result {
        Err(refusal) => Ok(refusal),
        Ok(done) => anyhow::bail!("it was done: {done:?}"),
    }
}

/// Updates that wait at the double, as a poller would be given them.
async fn waiting_updates(talk: &Talk) -> Result<Vec<serde_json::Value>> {
    let url = format!("{}/bot{}/getUpdates", talk.double.url(), talk.bot.token);
    let bytes = reqwest::get(url).await?.bytes().await?;
    let answer: serde_json::Value = serde_json::from_slice(&bytes)?;
    Ok(answer["result"].as_array().cloned().unwrap_or_default())
}
