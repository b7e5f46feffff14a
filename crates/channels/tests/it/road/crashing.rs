//! Workers that die anywhere: nothing is lost, and nothing is answered twice where the provider lets us know.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use anyhow::Result;
use chrono::TimeDelta;
use coxswain_channels::road::arrival::Reached;
use coxswain_domain::channel::ChannelKind;
use coxswain_store::{inbox::INBOX_JOB, outbox::SEND_JOB};
use coxswain_test_support::{contract, db::TestDb};

use super::world::World;

contract!(
    invariant_11_a_worker_that_dies_reading_loses_and_repeats_nothing,
    invariant_11_a_worker_that_dies_sending_loses_and_repeats_nothing,
);

/// Polls a future so many times and then drops it, as a crash would. Whether it had ended by then.
async fn drop_after(mut polls: usize, future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(false);
        }
        polls -= 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

async fn invariant_11_a_worker_that_dies_reading_loses_and_repeats_nothing(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    let handler = world.handler(INBOX_JOB)?;
    let mut ended = 0;
    for polls in 0..60 {
        let user = format!("u{polls}");
        world.says(&bot, &user, &user, "Hello?").await?;
        let Some(job) = world.claim(INBOX_JOB).await? else { anyhow::bail!("it is due") };
        ended += usize::from(drop_after(polls, handler.run(&job, world.worker())).await);
        // Its lease runs out, and another worker does it.
        world.wait(TimeDelta::seconds(40)).await?;
        assert_eq!(world.carrier.texts(&user).len(), 1, "dropped after {polls} polls");
        assert_eq!(world.talk(&bot, &user).await?.len(), 2, "dropped after {polls} polls");
    }
    assert!(ended < 60, "some were dropped on the way");
    Ok(())
}

async fn invariant_11_a_worker_that_dies_sending_loses_and_repeats_nothing(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    let handler = world.handler(SEND_JOB)?;
    for polls in 0..60 {
        let user = format!("u{polls}");
        world.says(&number, &user, &user, "Hello?").await?;
        // Everything up to the job that sends.
        let job = loop {
            if let Some(job) = world.claim(SEND_JOB).await? {
                break job;
            }
            anyhow::ensure!(world.work_once().await?, "it is due");
        };
        drop_after(polls, handler.run(&job, world.worker())).await;
        // What the provider has, it reports with our own id; then the lease runs out.
        for sent in world.carrier.sent().into_iter().filter(|sent| sent.to == user) {
            world.reports(&number, &sent.id, Some(sent.outbox.to_string()), Reached::Sent, None).await?;
        }
        world.wait(TimeDelta::minutes(5)).await?;
        assert_eq!(world.carrier.texts(&user).len(), 1, "dropped after {polls} polls");
    }
    Ok(())
}
