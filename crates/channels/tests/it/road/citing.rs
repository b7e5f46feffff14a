//! An answer's sources, from the engine to what a client sees: the real adapters, and doubles of the providers.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_channels::{
    road::{Messengers, RoadSettings, messenger::Messenger},
    whatsapp::{Whatsapp, WhatsappSettings, split::split},
};
use coxswain_domain::{
    ChannelAccountId, ChunkId, Clock, DocumentId, VersionId, account::CreatorSettings, channel::ChannelKind,
    citation::Citation, fakes::ManualClock,
};
use coxswain_store::connections::{ConnectionSettings, Credentials};
use coxswain_test_support::{
    contract,
    db::TestDb,
    faults::Fault,
    seed::{Coach, at},
    telegram::FakeTelegram,
    whatsapp::FakeWhatsApp,
};
use serde_json::json;

use super::world::{Account, NOW, World};
use crate::telegram_bots::{telegram, update};

contract!(
    a_client_on_telegram_sees_the_quote_and_where_it_stands,
    a_client_on_whatsapp_sees_the_quote_and_where_it_stands,
);

const QUOTE: &str = "Row 5 < 6 minutes & stop *before* you want to.";
const ANSWER: &str = "Rudere an den ersten Tagen nur kurz und höre auf, bevor du müde wirst [1].";

/// A coach with an account that a real adapter serves; the engine cites [`QUOTE`].
async fn begin(
    db: &TestDb,
    clock: &Arc<ManualClock>,
    (kind, adapter): (ChannelKind, Arc<dyn Messenger>),
    known_as: (String, Credentials),
) -> Result<(World, Account)> {
    let settings = RoadSettings { burst_quiet: Duration::ZERO, ..RoadSettings::default() };
    let world = World::over(db, clock.clone(), Messengers::from([(kind, adapter)]), settings).await?;
    let now = clock.now();
    let coach = Coach::new(db, now, CreatorSettings::default()).await?;
    let id = ChannelAccountId::new(now);
    let account = world.connected(coach.id, (id, kind), ConnectionSettings::default(), known_as).await?;
    let citation = Citation {
        n: 1,
        document_id: DocumentId::new(now),
        version_id: VersionId::new(now),
        version_number: 1,
        title: "Row well".into(),
        page: Some(12),
        heading: None,
        start_ms: None,
        quote: QUOTE.into(),
        url: Some("https://mira.example/row".into()),
        chunk_id: ChunkId::new(now),
        score: 1.0,
    };
    world.engine.cites(vec![citation]).await;
    Ok((world, account))
}

/// The engine answers what has come.
async fn answer(world: &World) -> Result<()> {
    world.engine.next().await.send(ANSWER)?;
    world.settle().await
}

async fn a_client_on_telegram_sees_the_quote_and_where_it_stands(db: &TestDb) -> Result<()> {
    let clock = Arc::new(ManualClock::at(at(NOW)));
    let double = FakeTelegram::start_at(0, clock.clone()).await?;
    let bot = double.add_bot("mira_coach_bot", "Mira");
    let person = double.add_person("Ada", "de");
    double.say(bot.id, person, "/start");
    let credentials = Credentials::Telegram { token: bot.token, webhook_secret: "s".into() };
    let adapter: Arc<dyn Messenger> = Arc::new(telegram(&double)?);
    let known_as = (bot.id.to_string(), credentials);
    let (world, account) = begin(db, &clock, (ChannelKind::Telegram, adapter), known_as).await?;
    let user = person.to_string();
    let asked = update(1, person, "Wie fange ich an?").to_string();
    world.raw(&account, &user, "1", asked.as_bytes()).await?;
    answer(&world).await?;

    let list = format!("Quellen\n[1] Row well, Seite 12\n“{QUOTE}”");
    let said = || double.messages(bot.id, person).into_iter().filter(|message| message.from_bot);
    let message = said().next().context("an answer")?;
    assert_eq!(message.text, format!("{ANSWER}\n\n{list}"));
    let kinds: Vec<_> = message.entities.iter().map(|it| it.kind.as_str()).collect();
    assert!(kinds.contains(&"expandable_blockquote") && kinds.contains(&"text_link"), "{kinds:?}");

    // The words are still there when Telegram does not take the markup.
    let refused = Fault::Refuse { code: 400, detail: "Bad Request: can't parse entities: so it is".into() };
    double.faults().next_of("sendMessage", refused);
    world.pass(TimeDelta::seconds(5)).await?;
    let again = update(2, person, "Und dann?").to_string();
    world.raw(&account, &user, "2", again.as_bytes()).await?;
    answer(&world).await?;
    let plain = said().nth(1).context("the second answer")?;
    assert_eq!((plain.text, plain.entities.len()), (format!("{ANSWER}\n\n{list}"), 0));
    Ok(())
}

async fn a_client_on_whatsapp_sees_the_quote_and_where_it_stands(db: &TestDb) -> Result<()> {
    let clock = Arc::new(ManualClock::at(at(NOW)));
    let double = FakeWhatsApp::start_at(0, clock.clone()).await?;
    let number = double.add_number("Mira", "+49 1555 0001");
    let anna = double.add_customer("Anna", "4915112345678");
    let wamid = double.say(&number.phone_number_id, &anna, "Wie fange ich an?");
    let adapter: Arc<dyn Messenger> = Arc::new(Whatsapp::new(&WhatsappSettings {
        graph_url: double.url(),
        version: "v26.0".into(),
        ..WhatsappSettings::default()
    })?);
    let credentials = Credentials::Whatsapp {
        access_token: number.access_token.clone(),
        business_account_id: number.business_account_id.clone(),
    };
    let known_as = (number.phone_number_id.clone(), credentials);
    let (world, account) = begin(db, &clock, (ChannelKind::Whatsapp, adapter), known_as).await?;
    let body = json!({"object": "whatsapp_business_account", "entry": [{
        "id": number.business_account_id,
        "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": number.phone_number_id},
            "contacts": [{"user_id": anna, "profile": {"name": "Anna"}}],
            "messages": [{"from_user_id": anna, "id": wamid, "type": "text",
                "timestamp": clock.now().timestamp().to_string(), "text": {"body": "Wie fange ich an?"}}],
        }}],
    }]});
    let came = split(body.to_string().as_bytes(), clock.now());
    let item = came.items.first().context("one message")?;
    world.raw(&account, &item.sender, &item.provider_message_id, &item.raw).await?;
    answer(&world).await?;

    let messages = double.messages(&number.phone_number_id, &anna);
    let said: Vec<_> = messages
        .iter()
        .filter(|message| message.from_business)
        .map(|message| message.text.as_str())
        .collect();
    let quote = QUOTE.replace('*', "∗");
    let list = format!("*Quellen*\n[1] Row well, Seite 12\n> “{quote}”\nhttps://mira.example/row");
    assert_eq!(said, [format!("{ANSWER}\n\n{list}")]);
    Ok(())
}
