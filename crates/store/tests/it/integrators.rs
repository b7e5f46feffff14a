//! What the team is mailed, and what integrators tell.

use anyhow::{Context, Result};
use coxswain_domain::{ClientEventId, MemberId, account::Role};
use coxswain_store::{
    Db,
    client_events::{self, ClientEvent},
    conversations,
    happenings::{self, Spread},
    jobs,
    members::{self, Member},
    notices::{self, MAIL_JOB, MailPayload},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use serde_json::json;

use crate::{ALL, later, messenger, now, paged, two};

contract!(members_are_mailed_once_in_a_while, what_integrators_tell_is_kept);

async fn member(db: &Db, coach: Coach, name: &str, role: Role) -> Result<MemberId> {
    let id = MemberId::new(now());
    let member = Member {
        id,
        email: format!("{name}-{id}@example.org"),
        name: name.into(),
        role,
        created_at: now(),
        disabled_at: None,
    };
    let mut tx = db.write(coach.id).await?;
    assert!(members::insert(&mut tx, coach.id, &member, "hash").await?);
    tx.commit().await?;
    Ok(id)
}

async fn members_are_mailed_once_in_a_while(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let owner = member(db, mine, "mira", Role::Owner).await?;
    let viewer = member(db, mine, "vic", Role::Viewer).await?;
    let person = mine.client(db, now(), None).await?;
    let wanted = async |minute, mail| -> Result<Spread> {
        let mut tx = db.write(mine.id).await?;
        conversations::hand_back(&mut tx, mine.id, person.conversation).await?;
        conversations::want_human(&mut tx, later(minute), mine.id, person.conversation).await?;
        let done = happenings::spread(&mut tx, later(minute), mine.id, 10, mail).await?;
        tx.commit().await?;
        Ok(done)
    };
    assert_eq!(
        wanted(0, true).await?,
        Spread { notes: 1, deliveries: 0, mails: 1 },
        "noted without a webhook"
    );
    assert_eq!(wanted(14, true).await?.mails, 0, "the team was mailed a moment ago");
    let mut tx = db.write(mine.id).await?;
    let wants = [
        notices::wants(&mut tx, mine.id, owner).await?,
        notices::wants(&mut tx, mine.id, viewer).await?,
        notices::wants(&mut tx, other.id, owner).await?,
    ];
    assert_eq!(wants, [Some(true), Some(false), None]);
    assert!(notices::choose(&mut tx, mine.id, viewer, true).await?);
    assert!(!notices::choose(&mut tx, other.id, viewer, true).await?);
    tx.commit().await?;
    assert_eq!(wanted(15, true).await?.mails, 2);
    let mut tx = db.write(mine.id).await?;
    notices::choose(&mut tx, mine.id, owner, false).await?;
    notices::choose(&mut tx, mine.id, viewer, false).await?;
    assert_eq!(notices::post(&mut tx, later(60), mine.id, person.conversation).await?, 0);
    let payload = MailPayload { conversation_id: person.conversation, member_id: viewer };
    let notice = notices::notice(&mut tx, mine.id, payload).await?.context("something to write")?;
    assert_eq!((notice.member_name.as_str(), notice.client_name.as_str()), ("vic", "Visitor"));
    assert_eq!((notice.creator_name.as_str(), notice.human_wanted_at), ("Coach", later(15)));
    conversations::take_over(&mut tx, later(16), mine.id, person.conversation, owner).await?;
    assert_eq!(notices::notice(&mut tx, mine.id, payload).await?, None, "somebody came");
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    let depths = jobs::depths(&mut tx).await?;
    assert_eq!(depths.iter().find(|depth| depth.kind == MAIL_JOB).context("mails")?.jobs, 3);
    assert_eq!(wanted(80, false).await?.mails, 0, "mail is off");
    Ok(())
}

async fn what_integrators_tell_is_kept(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let talk = messenger::talk(db, mine, bot, "sub:ann").await?;
    let client = talk.identity.client_id;
    let event = |minute| ClientEvent {
        id: ClientEventId::new(now()),
        client_id: client,
        name: "workout.finished".into(),
        data: json!({ "km": 5, "deep": { "a": [1, null] } }).as_object().cloned().unwrap_or_default(),
        occurred_at: now(),
        received_at: later(minute),
    };
    let mut tx = db.write(mine.id).await?;
    let all = [event(2), event(1), event(0)];
    for event in &all {
        assert!(client_events::insert(&mut tx, mine.id, event).await?);
    }
    assert_eq!(paged!(|page| client_events::list(&mut tx, mine.id, Some(client), page)), all);
    assert_eq!(client_events::list(&mut tx, mine.id, None, ALL).await?.items.len(), 3);
    assert_eq!(client_events::known_as(&mut tx, mine.id, "sub:ann", None).await?, [client]);
    assert_eq!(client_events::known_as(&mut tx, mine.id, "sub:ann", Some(bot)).await?, [client]);
    assert!(client_events::known_as(&mut tx, mine.id, "sub:ann", Some(mine.widget)).await?.is_empty());
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(!client_events::insert(&mut tx, other.id, &event(3)).await?);
    assert!(client_events::list(&mut tx, other.id, Some(client), ALL).await?.items.is_empty());
    assert!(client_events::known_as(&mut tx, other.id, "sub:ann", None).await?.is_empty());
    Ok(())
}
