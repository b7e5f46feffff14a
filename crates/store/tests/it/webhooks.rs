//! Webhooks: who is told of what, and what became of it.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{WebhookId, event::EventKind};
use coxswain_store::{
    Db, Tx, jobs,
    jobs::Lease,
    webhooks::{self, DeliveryState, NewEvent, Outcome, Tried, WEBHOOK_JOB, Webhook, WebhookPayload},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{ALL, later, now, paged, two};

contract!(
    a_webhook_is_kept_and_changed,
    secrets_overlap,
    those_who_want_an_event_are_told,
    tries_are_noted_until_it_arrives,
    a_webhook_has_one_job_however_often_it_is_woken,
    a_paused_webhook_keeps_what_waits,
    what_failed_is_replayed,
    old_events_are_forgotten,
    anothers_webhooks_are_out_of_reach,
);

pub(crate) fn webhook(kinds: &[EventKind]) -> Webhook {
    Webhook {
        id: WebhookId::new(now()),
        url: "https://example.org/hooks".into(),
        description: "Site".into(),
        kinds: kinds.to_vec(),
        on: true,
        state_reason: None,
        failing_since: None,
        version: 1,
        created_at: now(),
    }
}

pub(crate) async fn added(db: &Db, coach: Coach, kinds: &[EventKind]) -> Result<Webhook> {
    let webhook = webhook(kinds);
    let mut tx = db.write(coach.id).await?;
    webhooks::insert(&mut tx, coach.id, &webhook).await?;
    tx.commit().await?;
    Ok(webhook)
}

/// What a webhook was told, in order.
pub(crate) async fn told(db: &Db, coach: Coach, id: WebhookId) -> Result<Vec<(EventKind, Value)>> {
    let mut tx = db.read(coach.id).await?;
    let mut all = webhooks::deliveries(&mut tx, coach.id, id, None, None, ALL).await?.items;
    all.sort_by_key(|delivery| delivery.event_id);
    all.into_iter().map(|delivery| Ok((delivery.kind, serde_json::from_str(&delivery.payload)?))).collect()
}

fn event(kind: EventKind) -> NewEvent {
    NewEvent { kind, data: json!({ "a": 1 }), occurred_at: now(), lane: Uuid::nil() }
}

fn tried(outcome: Outcome) -> Tried {
    let error = (outcome != Outcome::Delivered).then(|| "The endpoint answered 500.".to_owned());
    let status = Some(if error.is_none() { 204 } else { 500 });
    Tried { at: now(), status, milliseconds: 12, answer: Some("Oh".into()), error, outcome, held_until: None }
}

async fn tell(db: &Db, coach: Coach, webhook: &Webhook) -> Result<coxswain_domain::WebhookDeliveryId> {
    let mut tx = db.write(coach.id).await?;
    let id = webhooks::tell_one(&mut tx, now(), coach.id, webhook.id, &event(EventKind::Test)).await?;
    tx.commit().await?;
    Ok(id)
}

async fn note(
    db: &Db,
    coach: Coach,
    webhook: &Webhook,
    id: coxswain_domain::WebhookDeliveryId,
    (at, tried): (DateTime<Utc>, Tried),
) -> Result<()> {
    let mut tx = db.write(coach.id).await?;
    assert!(webhooks::noted(&mut tx, at, coach.id, webhook.id, id, &tried).await?);
    Ok(tx.commit().await?)
}

async fn a_webhook_is_kept_and_changed(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(webhooks::get(&mut tx, mine.id, one.id).await?, Some(one.clone()));
    let change = Webhook {
        kinds: vec![EventKind::Closed],
        on: false,
        state_reason: Some("Ann".into()),
        ..one.clone()
    };
    let changed = webhooks::update(&mut tx, mine.id, &change).await?.context("changed")?;
    assert_eq!(changed, Webhook { version: 2, ..change.clone() });
    assert_eq!(webhooks::update(&mut tx, mine.id, &change).await?, None, "somebody was faster");
    let second = webhook(&[]);
    webhooks::insert(&mut tx, mine.id, &second).await?;
    let third = Webhook { created_at: later(1), ..webhook(&[]) };
    webhooks::insert(&mut tx, mine.id, &third).await?;
    let all = paged!(|page| webhooks::list(&mut tx, mine.id, page));
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [third.id, second.id, one.id]);
    assert_eq!(webhooks::count(&mut tx, mine.id).await?, 3);
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert_eq!(webhooks::creators(&mut tx).await?, [mine.id]);
    drop(tx);
    let delivery = tell(db, mine, &third).await?;
    let mut tx = db.write(mine.id).await?;
    assert!(webhooks::delete(&mut tx, mine.id, third.id).await?);
    assert!(!webhooks::delete(&mut tx, mine.id, third.id).await?);
    assert_eq!(webhooks::delivery(&mut tx, mine.id, third.id, delivery).await?, None);
    Ok(())
}

async fn secrets_overlap(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let mut tx = db.write(mine.id).await?;
    for (minute, secret) in [(0, "a"), (10, "b"), (20, "c")] {
        webhooks::add_secret(&mut tx, later(minute), mine.id, one.id, secret, later(minute + 60)).await?;
    }
    let mut signing = async |minute| -> Result<Vec<String>> {
        let secrets = webhooks::secrets(&mut tx, later(minute), mine.id, one.id).await?;
        Ok(secrets.into_iter().map(|secret| secret.secret).collect())
    };
    assert_eq!(signing(30).await?, ["c", "b", "a"]);
    assert_eq!(signing(75).await?, ["c", "b"], "an overlap is not drawn out by the next exchange");
    assert_eq!(signing(80).await?, ["c"]);
    let shown = format!("{:?}", webhooks::secrets(&mut tx, now(), mine.id, one.id).await?);
    assert!(!shown.contains("secret: "), "{shown}");
    Ok(())
}

async fn those_who_want_an_event_are_told(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (all, some) = (added(db, mine, &[]).await?, added(db, mine, &[EventKind::Closed]).await?);
    let both = [all.clone(), some.clone()];
    let mut tx = db.write(mine.id).await?;
    assert_eq!(webhooks::tell(&mut tx, now(), mine.id, &both, &event(EventKind::Closed)).await?, 2);
    assert_eq!(webhooks::tell(&mut tx, now(), mine.id, &both, &event(EventKind::GapRecorded)).await?, 1);
    let nobody = std::slice::from_ref(&some);
    assert_eq!(webhooks::tell(&mut tx, now(), mine.id, nobody, &event(EventKind::GapRecorded)).await?, 0);
    tx.commit().await?;
    let (heard, less) = (told(db, mine, all.id).await?, told(db, mine, some.id).await?);
    assert_eq!((heard.len(), less.len()), (2, 1));
    assert_eq!(heard[0], less[0], "one event, one id");
    let (_, payload) = &less[0];
    assert_eq!(
        (&payload["type"], &payload["api_version"], &payload["data"]),
        (&json!("conversation.closed"), &json!("1"), &json!({ "a": 1 })),
    );
    let mut tx = db.read(mine.id).await?;
    let gaps =
        webhooks::deliveries(&mut tx, mine.id, all.id, None, Some(EventKind::GapRecorded), ALL).await?;
    assert_eq!(gaps.items.len(), 1);
    let paged = paged!(|page| webhooks::deliveries(&mut tx, mine.id, all.id, None, None, page));
    assert_eq!(paged.len(), 2);
    Ok(())
}

async fn tries_are_noted_until_it_arrives(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let id = tell(db, mine, &one).await?;
    let mut tx = db.read(mine.id).await?;
    let due = webhooks::due(&mut tx, now(), mine.id, one.id, 10).await?;
    assert_eq!((due.len(), due[0].id, due[0].attempts), (1, id, 0));
    drop(tx);
    note(db, mine, &one, id, (now(), tried(Outcome::Again(later(5))))).await?;
    let mut tx = db.read(mine.id).await?;
    assert!(webhooks::due(&mut tx, later(4), mine.id, one.id, 10).await?.is_empty());
    assert_eq!(webhooks::due(&mut tx, later(5), mine.id, one.id, 10).await?[0].attempts, 1);
    assert_eq!(webhooks::next_due(&mut tx, mine.id, one.id).await?, Some(later(5)));
    let target = webhooks::target(&mut tx, later(5), mine.id, one.id).await?.context("a target")?;
    assert_eq!((target.url, target.failing_since), (one.url.clone(), Some(now())));
    drop(tx);
    let quiet = Tried { held_until: Some(later(30)), ..tried(Outcome::Again(later(6))) };
    note(db, mine, &one, id, (later(5), quiet)).await?;
    let mut tx = db.read(mine.id).await?;
    assert_eq!(webhooks::next_due(&mut tx, mine.id, one.id).await?, Some(later(30)), "it asked for quiet");
    assert!(webhooks::target(&mut tx, later(29), mine.id, one.id).await?.is_none());
    drop(tx);
    note(db, mine, &one, id, (later(30), tried(Outcome::Delivered))).await?;
    let mut tx = db.read(mine.id).await?;
    let arrived = webhooks::delivery(&mut tx, mine.id, one.id, id).await?.context("the delivery")?;
    assert_eq!((arrived.state, arrived.attempts), (DeliveryState::Delivered, 3));
    assert_eq!((arrived.settled_at, arrived.next_attempt_at), (Some(later(30)), None));
    assert_eq!(webhooks::next_due(&mut tx, mine.id, one.id).await?, None);
    assert_eq!(webhooks::get(&mut tx, mine.id, one.id).await?.context("it")?.failing_since, None);
    let tries = webhooks::attempts(&mut tx, mine.id, id, 10).await?;
    assert_eq!(tries.iter().map(|one| one.status).collect::<Vec<_>>(), [Some(204), Some(500), Some(500)]);
    assert_eq!((tries[1].answer.as_deref(), tries[0].error.as_deref()), (Some("Oh"), None));
    Ok(())
}

async fn ready(tx: &mut Tx) -> Result<i64> {
    let depths = jobs::depths(tx).await?;
    Ok(depths
        .iter()
        .filter(|depth| depth.kind == WEBHOOK_JOB && depth.state == "ready")
        .map(|depth| depth.jobs)
        .sum())
}

async fn a_webhook_has_one_job_however_often_it_is_woken(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let mut tx = db.write(mine.id).await?;
    for minute in [60, 30, 90] {
        webhooks::wake(&mut tx, now(), mine.id, one.id, later(minute)).await?;
    }
    tx.commit().await?;
    let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::seconds(30) };
    let mut tx = db.system().await?;
    assert_eq!(ready(&mut tx).await?, 1);
    assert!(jobs::claim(&mut tx, later(29), WEBHOOK_JOB, lease).await?.is_none());
    let job =
        jobs::claim(&mut tx, later(30), WEBHOOK_JOB, lease).await?.context("the earliest moment holds")?;
    assert_eq!(serde_json::from_value::<WebhookPayload>(job.payload)?.webhook_id, one.id);
    tx.commit().await?;
    // While it runs, what happens asks for another one: it may have looked already.
    let mut tx = db.write(mine.id).await?;
    webhooks::wake(&mut tx, later(30), mine.id, one.id, later(30)).await?;
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert_eq!(ready(&mut tx).await?, 1);
    assert!(jobs::claim(&mut tx, later(30), WEBHOOK_JOB, lease).await?.is_none(), "one at a time");
    Ok(())
}

async fn a_paused_webhook_keeps_what_waits(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let id = tell(db, mine, &one).await?;
    let held = Tried { held_until: Some(later(600)), ..tried(Outcome::Again(later(1))) };
    note(db, mine, &one, id, (now(), held)).await?;
    let mut tx = db.write(mine.id).await?;
    assert!(webhooks::pause(&mut tx, mine.id, one.id, "It is gone.").await?);
    assert!(!webhooks::pause(&mut tx, mine.id, one.id, "It is gone.").await?);
    let paused = webhooks::get(&mut tx, mine.id, one.id).await?.context("it")?;
    assert_eq!((paused.on, paused.state_reason.as_deref(), paused.version), (false, Some("It is gone."), 2));
    assert!(webhooks::target(&mut tx, later(700), mine.id, one.id).await?.is_none());
    assert_eq!(webhooks::next_due(&mut tx, mine.id, one.id).await?, None);
    let resumed = Webhook { on: true, state_reason: None, ..paused };
    let resumed = webhooks::update(&mut tx, mine.id, &resumed).await?.context("resumed")?;
    assert_eq!(resumed.failing_since, None, "it begins anew");
    assert_eq!(webhooks::next_due(&mut tx, mine.id, one.id).await?, Some(later(1)));
    Ok(())
}

async fn what_failed_is_replayed(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let (first, second) = (tell(db, mine, &one).await?, tell(db, mine, &one).await?);
    note(db, mine, &one, first, (now(), tried(Outcome::Failed))).await?;
    note(db, mine, &one, second, (now(), tried(Outcome::Delivered))).await?;
    let mut tx = db.write(mine.id).await?;
    let failed =
        webhooks::deliveries(&mut tx, mine.id, one.id, Some(DeliveryState::Failed), None, ALL).await?;
    assert_eq!(failed.items.iter().map(|one| one.id).collect::<Vec<_>>(), [first]);
    assert_eq!(
        webhooks::replay_failed(&mut tx, later(5), mine.id, one.id, later(1)).await?,
        0,
        "not since then"
    );
    assert_eq!(webhooks::replay_failed(&mut tx, later(5), mine.id, one.id, now()).await?, 1);
    assert!(webhooks::replay(&mut tx, later(5), mine.id, one.id, second).await?, "also what arrived");
    let due = webhooks::due(&mut tx, later(5), mine.id, one.id, 10).await?;
    assert_eq!(due.iter().map(|due| (due.id, due.attempts)).collect::<Vec<_>>(), [(first, 0), (second, 0)]);
    Ok(())
}

async fn old_events_are_forgotten(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let id = tell(db, mine, &one).await?;
    note(db, mine, &one, id, (now(), tried(Outcome::Delivered))).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(webhooks::prune(&mut tx, mine.id, now()).await?, 0);
    assert_eq!(webhooks::prune(&mut tx, mine.id, later(1)).await?, 1);
    assert_eq!(webhooks::delivery(&mut tx, mine.id, one.id, id).await?, None);
    assert!(webhooks::attempts(&mut tx, mine.id, id, 10).await?.is_empty());
    Ok(())
}

async fn anothers_webhooks_are_out_of_reach(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let one = added(db, mine, &[]).await?;
    let id = tell(db, mine, &one).await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(webhooks::get(&mut tx, other.id, one.id).await?, None);
    assert!(webhooks::list(&mut tx, other.id, ALL).await?.items.is_empty());
    assert_eq!(webhooks::update(&mut tx, other.id, &one).await?, None);
    assert!(!webhooks::pause(&mut tx, other.id, one.id, "Mine now").await?);
    assert!(webhooks::target(&mut tx, now(), other.id, one.id).await?.is_none());
    assert!(webhooks::due(&mut tx, now(), other.id, one.id, 10).await?.is_empty());
    assert_eq!(webhooks::next_due(&mut tx, other.id, one.id).await?, None);
    assert!(!webhooks::replay(&mut tx, now(), other.id, one.id, id).await?);
    assert_eq!(webhooks::replay_failed(&mut tx, now(), other.id, one.id, now()).await?, 0);
    assert!(!webhooks::noted(&mut tx, now(), other.id, one.id, id, &tried(Outcome::Delivered)).await?);
    assert_eq!(webhooks::delivery(&mut tx, other.id, one.id, id).await?, None);
    assert!(!webhooks::delete(&mut tx, other.id, one.id).await?);
    Ok(())
}
