//! Consents.

use anyhow::{Context, Result};
use coxswain_domain::ConsentId;
use coxswain_store::consents::{self, CHECK_INS, Consent, Evidence};
use coxswain_test_support::{
    contract,
    db::TestDb,
    seed::{Coach, Person},
};

use crate::{later, now, two};

contract!(an_open_consent_stays_as_it_was, withdrawing_closes_it_and_keeps_the_record);

fn consent(coach: Coach, person: Person, minute: i64) -> Consent {
    Consent {
        id: ConsentId::new(now()),
        client_id: person.id,
        channel_account_id: coach.widget,
        purpose: CHECK_INS.into(),
        evidence: Evidence {
            channel: "widget".into(),
            shown: None,
            time_zone: "UTC".into(),
            user_agent: Some("Browser".into()),
        },
        granted_at: later(minute),
        withdrawn_at: None,
    }
}

async fn an_open_consent_stays_as_it_was(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let first = consent(mine, person, 0);
    let mut tx = db.write(mine.id).await?;
    assert_eq!(consents::grant(&mut tx, mine.id, &first).await?, first);
    assert_eq!(consents::grant(&mut tx, mine.id, &consent(mine, person, 1)).await?, first);
    assert_eq!(consents::open(&mut tx, mine.id, person.id, CHECK_INS).await?, Some(first));
    assert_eq!(consents::open(&mut tx, mine.id, person.id, "campaigns").await?, None);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(consents::open(&mut tx, other.id, person.id, CHECK_INS).await?, None);
    assert!(!consents::withdraw(&mut tx, now(), other.id, person.id, CHECK_INS).await?);
    assert!(consents::of_client(&mut tx, other.id, person.id).await?.is_empty());
    Ok(())
}

async fn withdrawing_closes_it_and_keeps_the_record(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let mut tx = db.write(mine.id).await?;
    consents::grant(&mut tx, mine.id, &consent(mine, person, 0)).await?;
    assert!(consents::withdraw(&mut tx, later(1), mine.id, person.id, CHECK_INS).await?);
    assert!(!consents::withdraw(&mut tx, later(2), mine.id, person.id, CHECK_INS).await?);
    assert_eq!(consents::open(&mut tx, mine.id, person.id, CHECK_INS).await?, None);
    let again = consents::grant(&mut tx, mine.id, &consent(mine, person, 3)).await?;
    let all = consents::of_client(&mut tx, mine.id, person.id).await?;
    assert_eq!(all.first(), Some(&again));
    assert_eq!(all.get(1).context("the first")?.withdrawn_at, Some(later(1)));
    Ok(())
}
