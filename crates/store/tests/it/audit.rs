//! The audit log.

use anyhow::Result;
use coxswain_store::audit::{self, Actor, NewEntry};
use coxswain_test_support::{contract, db::TestDb};
use serde_json::json;
use uuid::Uuid;

use crate::{ALL, later, paged, two};

contract!(the_log_is_read_by_actor_and_action, who_did_it_last);

async fn the_log_is_read_by_actor_and_action(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let robin = Actor { kind: "member", id: Some(Uuid::new_v4()), name: Some("Robin".into()) };
    let told = [(&robin, "member.created"), (&robin, "member.removed"), (&Actor::SYSTEM, "key.ended")];
    let mut tx = db.write(mine.id).await?;
    for (minute, (actor, action)) in (0..).zip(told) {
        let entry =
            NewEntry { actor, action, subject: Some("somebody".into()), detail: json!({"minute": minute}) };
        audit::record(&mut tx, later(minute), mine.id, entry).await?;
    }
    let all = audit::list(&mut tx, mine.id, None, None, ALL).await?.items;
    let actions: Vec<_> = all.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["key.ended", "member.removed", "member.created"], "newest first");
    assert_eq!(all[2].detail, json!({"minute": 0}));
    assert_eq!((all[2].actor_kind.as_str(), all[2].actor_name.as_deref()), ("member", Some("Robin")));
    assert_eq!(audit::list(&mut tx, mine.id, robin.id, None, ALL).await?.items.len(), 2);
    assert_eq!(audit::list(&mut tx, mine.id, None, Some("member."), ALL).await?.items.len(), 2);
    assert_eq!(audit::list(&mut tx, mine.id, robin.id, Some("key"), ALL).await?.items.len(), 0);
    let ids: Vec<_> =
        paged!(|page| audit::list(&mut tx, mine.id, None, None, page)).iter().map(|entry| entry.id).collect();
    assert_eq!(ids, all.iter().map(|entry| entry.id).collect::<Vec<_>>());
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(audit::list(&mut tx, other.id, None, None, ALL).await?.items.is_empty());
    Ok(())
}

async fn who_did_it_last(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    for (minute, (name, subject)) in (0..).zip([("Robin", "one"), ("Kim", "one"), ("Sam", "two")]) {
        let actor = Actor { kind: "member", id: None, name: Some(name.into()) };
        let entry = NewEntry {
            actor: &actor,
            action: "check_in.changed",
            subject: Some(subject.into()),
            detail: json!({}),
        };
        audit::record(&mut tx, later(minute), mine.id, entry).await?;
    }
    let mut last = async |action, subject| audit::last_actor(&mut tx, mine.id, action, subject).await;
    assert_eq!(last("check_in.changed", Some("one")).await?.as_deref(), Some("Kim"));
    assert_eq!(last("check_in.changed", None).await?.as_deref(), Some("Sam"));
    assert_eq!(last("check_in.removed", None).await?, None);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert_eq!(audit::last_actor(&mut tx, other.id, "check_in.changed", None).await?, None);
    Ok(())
}
