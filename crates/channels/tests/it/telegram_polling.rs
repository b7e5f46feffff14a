//! Bots that ask for their updates: nothing is lost, nothing is kept twice, whoever asks.

use std::time::Duration;

use anyhow::{Result, ensure};
use coxswain_channels::telegram::Poller;
use coxswain_store::{
    connections::{self, Connection, ConnectionState},
    work::Work,
};
use coxswain_test_support::{
    db::TestDb,
    faults::Fault,
    telegram::{BotToken, FakeTelegram},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::telegram_bots::{Bots, telegram};

coxswain_test_support::contract!(
    invariant_1_updates_are_durable_before_they_are_confirmed,
    invariant_2_what_comes_again_is_kept_once,
    invariant_3_an_update_of_no_sense_stops_nobody,
    one_poller_for_each_bot_whatever_the_nodes,
    bots_are_found_and_let_go_while_it_runs,
    a_poller_in_the_way_is_said_in_the_connection,
    a_revoked_token_is_said_in_the_connection,
);

/// A failing test ends after this; one that passes never waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

struct Node {
    poller: Poller,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Node {
    fn start(bots: &Bots, double: &FakeTelegram) -> Result<Self> {
        // Each under a worker's id of its own, as on machines of their own.
        let work = Work::new(bots.db.clone(), bots.clock.clone(), Vec::new());
        let poller = Poller::new(telegram(double)?, bots.db.clone(), bots.clock.clone(), work);
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let (poller, stop) = (poller.clone(), stop.clone());
            async move { poller.run(stop).await }
        });
        Ok(Self { poller, stop, task })
    }

    async fn stop(self) -> Result<()> {
        self.stop.cancel();
        Ok(self.task.await?)
    }
}

async fn confirmed(double: &FakeTelegram, bot: &BotToken) -> Result<()> {
    ensure!(double.wait_until(PATIENCE, |double| double.pending(bot.id) == 0).await, "updates still wait");
    Ok(())
}

/// Waits until the connection is in this state; why it is.
async fn comes_to(bots: &Bots, of: &Connection, state: ConnectionState) -> Result<String> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let now = bots.now(of).await?;
        if now.state == state {
            return Ok(now.state_reason.unwrap_or_default());
        }
        ensure!(tokio::time::Instant::now() < until, "it stays {:?}", now.state);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn invariant_1_updates_are_durable_before_they_are_confirmed(db: &TestDb) -> Result<()> {
    let (bots, double) = (Bots::new(db), FakeTelegram::start().await?);
    let bot = double.add_bot("mira_bot", "Mira");
    let mira = bots.connect(&bot, "mira_bot", false).await?;
    let person = double.add_person("Ada", "de");
    let mut changes = double.changes();
    for text in ["one", "two", "three"] {
        double.say(bot.id, person, text);
    }
    let node = Node::start(&bots, &double)?;
    // Whenever the double has fewer waiting, the inbox has all that are missing there.
    while double.pending(bot.id) > 0 {
        tokio::time::timeout(PATIENCE, changes.changed()).await??;
        let gone = 3 - double.pending(bot.id);
        let kept = bots.received(&mira).await?.len();
        assert!(kept >= gone, "{gone} are confirmed and {kept} kept");
    }
    let rows = bots.received(&mira).await?;
    let texts: Vec<_> = rows.iter().map(|row| String::from_utf8_lossy(&row.raw).into_owned()).collect();
    assert!(["one", "two", "three"].iter().zip(&texts).all(|(said, raw)| raw.contains(said)), "{texts:?}");
    assert!(bots.now(&mira).await?.next_update > 0);
    node.stop().await
}

async fn invariant_2_what_comes_again_is_kept_once(db: &TestDb) -> Result<()> {
    let (bots, double) = (Bots::new(db), FakeTelegram::start().await?);
    let bot = double.add_bot("mira_bot", "Mira");
    let mira = bots.connect(&bot, "mira_bot", false).await?;
    let person = double.add_person("Ada", "de");
    double.faults().set(coxswain_test_support::faults::Plan { duplicate: 1.0, ..Default::default() });
    double.say(bot.id, person, "one");
    double.say(bot.id, person, "two");
    // Told, but the answer is lost on the way: Telegram gives them again.
    double.faults().next_of("getUpdates", Fault::BrokenJson);
    let node = Node::start(&bots, &double)?;
    confirmed(&double, &bot).await?;
    assert_eq!(bots.received(&mira).await?.len(), 2);
    node.stop().await
}

async fn invariant_3_an_update_of_no_sense_stops_nobody(db: &TestDb) -> Result<()> {
    let (bots, double) = (Bots::new(db), FakeTelegram::start().await?);
    let bot = double.add_bot("mira_bot", "Mira");
    let mira = bots.connect(&bot, "mira_bot", false).await?;
    let person = double.add_person("Ada", "de");
    double.send_update(bot.id, person, "message", &serde_json::json!("no message at all"));
    double.say(bot.id, person, "hello");
    let node = Node::start(&bots, &double)?;
    confirmed(&double, &bot).await?;
    let rows = bots.received(&mira).await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows.iter().filter(|row| row.sender == person.to_string()).count(), 1);
    node.stop().await
}

async fn one_poller_for_each_bot_whatever_the_nodes(db: &TestDb) -> Result<()> {
    let (bots, double) = (Bots::new(db), FakeTelegram::start().await?);
    let bot = double.add_bot("mira_bot", "Mira");
    let mira = bots.connect(&bot, "mira_bot", false).await?;
    let person = double.add_person("Ada", "de");
    let (first, second) = (Node::start(&bots, &double)?, Node::start(&bots, &double)?);
    for number in 0..20 {
        double.say(bot.id, person, &format!("message {number}"));
    }
    confirmed(&double, &bot).await?;
    // The double ends one of two that ask at the same time; that would be in the connection's state by now.
    assert_eq!(bots.received(&mira).await?.len(), 20);
    first.stop().await?;
    double.say(bot.id, person, "after one node is gone");
    second.poller.wake();
    confirmed(&double, &bot).await?;
    assert_eq!(bots.received(&mira).await?.len(), 21);
    assert_eq!(bots.now(&mira).await?.state, ConnectionState::Connected);
    second.stop().await
}

async fn bots_are_found_and_let_go_while_it_runs(db: &TestDb) -> Result<()> {
    let (bots, double) = (Bots::new(db), FakeTelegram::start().await?);
    let node = Node::start(&bots, &double)?;
    let (bot, hooked) = (double.add_bot("mira_bot", "Mira"), double.add_bot("jon_bot", "Jon"));
    let mira = bots.connect(&bot, "mira_bot", false).await?;
    let jon = bots.connect(&hooked, "jon_bot", true).await?;
    let person = double.add_person("Ada", "de");
    double.say(bot.id, person, "hello");
    double.say(hooked.id, person, "not by asking");
    node.poller.wake();
    confirmed(&double, &bot).await?;
    assert_eq!(bots.received(&mira).await?.len(), 1);
    assert_eq!((double.pending(hooked.id), bots.received(&jon).await?.len()), (1, 0));

    let mut tx = bots.db.write(mira.creator_id).await?;
    connections::delete(&mut tx, mira.creator_id, mira.channel_account_id).await?;
    tx.commit().await?;
    node.poller.wake();
    // The first is let go before the other, of the same look, is taken on.
    let mut tx = bots.db.write(jon.creator_id).await?;
    let polled = connections::ConnectionSettings::default();
    connections::set_settings(&mut tx, jon.creator_id, jon.channel_account_id, &polled).await?;
    tx.commit().await?;
    node.poller.wake();
    confirmed(&double, &hooked).await?;
    assert_eq!(bots.received(&jon).await?.len(), 1);
    node.stop().await
}

async fn a_poller_in_the_way_is_said_in_the_connection(db: &TestDb) -> Result<()> {
    let (bots, double) = (Bots::new(db), FakeTelegram::start().await?);
    let bot = double.add_bot("mira_bot", "Mira");
    let mira = bots.connect(&bot, "mira_bot", false).await?;
    let detail = "Conflict: can't use getUpdates method while webhook is active";
    double.faults().next_of("getUpdates", Fault::Refuse { code: 409, detail: detail.into() });
    let node = Node::start(&bots, &double)?;
    let reason = comes_to(&bots, &mira, ConnectionState::Paused).await?;
    assert!(reason.contains("webhook"), "{reason}");
    node.stop().await
}

async fn a_revoked_token_is_said_in_the_connection(db: &TestDb) -> Result<()> {
    let (bots, double) = (Bots::new(db), FakeTelegram::start().await?);
    let bot = double.add_bot("mira_bot", "Mira");
    let mira = bots.connect(&bot, "mira_bot", false).await?;
    double.revoke(bot.id);
    let node = Node::start(&bots, &double)?;
    let reason = comes_to(&bots, &mira, ConnectionState::Revoked).await?;
    assert!(reason.contains("token") && !reason.contains(&bot.token), "{reason}");
    node.stop().await
}
