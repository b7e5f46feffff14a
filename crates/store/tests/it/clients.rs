//! Clients and where they are met.

use anyhow::{Context, Result};
use coxswain_domain::IdentityId;
use coxswain_store::{
    StoreError, clients,
    identities::{self, Identity},
};
use coxswain_test_support::{contract, db::TestDb};

use crate::{ALL, later, now, paged, two};

contract!(clients_are_one_creators, lists_say_who_agreed, an_identity_is_one_channels);

async fn clients_are_one_creators(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), Some("Asia/Tokyo")).await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(clients::get(&mut tx, other.id, person.id).await?, None);
    assert!(!clients::set_time_zone(&mut tx, other.id, person.id, "UTC").await?);
    assert_eq!(clients::count(&mut tx, other.id).await?, 0);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    clients::seen(&mut tx, later(5), mine.id, person.id).await?;
    clients::seen(&mut tx, later(3), mine.id, person.id).await?;
    assert!(clients::set_time_zone(&mut tx, mine.id, person.id, "Europe/Berlin").await?);
    let client = clients::get(&mut tx, mine.id, person.id).await?.context("the client")?;
    assert_eq!(client.last_seen_at, later(5), "it never goes back");
    assert_eq!(client.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(clients::count(&mut tx, mine.id).await?, 1);
    Ok(())
}

async fn lists_say_who_agreed(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let agreed = mine.client(db, now(), None).await?;
    mine.agree(db, now(), agreed).await?;
    let withdrawn = mine.client(db, later(1), None).await?;
    mine.agree(db, later(1), withdrawn).await?;
    mine.withdraw(db, later(2), withdrawn).await?;
    mine.client(db, later(3), None).await?;
    let mut tx = db.read(mine.id).await?;
    let all = clients::list(&mut tx, mine.id, ALL).await?.items;
    assert_eq!(all.iter().map(|row| row.consented).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(paged!(|page| clients::list(&mut tx, mine.id, page)), all);
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(clients::list(&mut tx, other.id, ALL).await?.items.is_empty());
    Ok(())
}

async fn an_identity_is_one_channels(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let identity = Identity {
        id: IdentityId::new(now()),
        client_id: person.id,
        channel_account_id: mine.widget,
        provider_user_id: "visitor-1".into(),
        verified: false,
        created_at: now(),
    };
    let mut tx = db.write(mine.id).await?;
    identities::insert(&mut tx, mine.id, &identity).await?;
    assert_eq!(identities::of_client(&mut tx, mine.id, person.id).await?, std::slice::from_ref(&identity));
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    let again = Identity { id: IdentityId::new(now()), ..identity };
    let refused = identities::insert(&mut tx, mine.id, &again).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(identities::of_client(&mut tx, other.id, person.id).await?.is_empty());
    Ok(())
}
