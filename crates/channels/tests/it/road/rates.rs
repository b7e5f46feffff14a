//! Rates: replies before what nobody asked for, and nobody waits for somebody else's provider.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use coxswain_channels::road::messenger::{Code, Refusal};
use coxswain_domain::{channel::ChannelKind, conversation::Author};
use coxswain_test_support::{contract, db::TestDb};

use super::{
    carrier::{Say, refusal},
    world::World,
};

contract!(
    invariant_10_one_creators_429_delays_nobody_else,
    invariant_10_replies_outrank_what_nobody_asked_for,
    invariant_10_a_rate_is_kept_and_nothing_is_lost_by_it,
);

async fn invariant_10_one_creators_429_delays_nobody_else(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let (slow, other) =
        (world.account(ChannelKind::Telegram).await?, world.account(ChannelKind::Telegram).await?);
    let flood =
        Refusal { retry_after: Some(Duration::from_mins(1)), ..refusal(Code::Telegram(429), "slow down") };
    world.carrier.answers("7", [Say::No(flood)]);
    world.says(&slow, "7", "m0", "Hello?").await?;
    world.settle().await?;
    world.says(&other, "8", "m1", "Hello?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("8").len(), 1, "another creator's leaves at once");
    world.says(&slow, "9", "m2", "Hello?").await?;
    world.wait(TimeDelta::seconds(10)).await?;
    assert_eq!(world.carrier.texts("9").len(), 1, "another chat of the same bot hardly waits");
    assert_eq!(world.carrier.tries("7"), 1, "the chat that was too fast waits as long as it was told");
    world.wait(TimeDelta::seconds(60)).await?;
    assert_eq!(world.carrier.texts("7").len(), 1);
    Ok(())
}

async fn invariant_10_replies_outrank_what_nobody_asked_for(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    for user in 0..20 {
        world.says(&bot, &format!("u{user}"), &format!("m{user}"), "Hello?").await?;
        world.wait(TimeDelta::seconds(1)).await?;
    }
    world.wait(TimeDelta::seconds(10)).await?;
    let before = world.carrier.sent().len();
    // Ten tokens are saved up; a campaign may use seven of them.
    for user in 0..20 {
        world.writes(&bot, &format!("u{user}"), Author::CheckIn, "How was it?").await?;
    }
    world.settle().await?;
    assert_eq!(world.carrier.sent().len() - before, 7);
    world.writes(&bot, "u19", Author::Coach, "I am here for you.").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("u19").last().map(String::as_str), Some("<b>I am here for you.</b>"));
    world.wait(TimeDelta::minutes(1)).await?;
    assert_eq!(world.carrier.sent().len() - before, 21, "and all of them leave in the end");
    Ok(())
}

async fn invariant_10_a_rate_is_kept_and_nothing_is_lost_by_it(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    for user in 0..30 {
        world.says(&bot, &format!("u{user}"), &format!("m{user}"), "Hello?").await?;
    }
    world.settle().await?;
    assert_eq!(world.carrier.sent().len(), 10, "what was saved up");
    world.pass(TimeDelta::milliseconds(500)).await?;
    assert!(world.carrier.sent().len() <= 15, "{}", world.carrier.sent().len());
    world.wait(TimeDelta::seconds(20)).await?;
    assert_eq!(world.carrier.sent().len(), 30);
    Ok(())
}
