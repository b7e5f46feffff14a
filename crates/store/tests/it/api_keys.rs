//! API keys.

use anyhow::{Context, Result};
use coxswain_domain::{ApiKeyId, MemberId};
use coxswain_store::api_keys::{self, ApiKey};
use coxswain_test_support::{contract, db::TestDb};

use crate::{ALL, later, now, paged, two};

contract!(a_key_works_until_it_is_ended, lists_hold_working_keys_in_pages);

fn key(name: &str) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(now()),
        name: name.into(),
        prefix: "cxk_ab".into(),
        scopes: vec!["read".into(), "chat".into()],
        created_by: Some(MemberId::new(now())),
        created_at: now(),
        last_used_at: None,
    }
}

async fn a_key_works_until_it_is_ended(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let made = key("Website");
    let mut tx = db.write(mine.id).await?;
    api_keys::insert(&mut tx, mine.id, &made, b"hash").await?;
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert_eq!(api_keys::by_hash(&mut tx, b"hash").await?, Some((mine.id, made.clone())));
    assert_eq!(api_keys::by_hash(&mut tx, b"else").await?, None);
    api_keys::used(&mut tx, later(1), mine.id, made.id).await?;
    let (_, used) = api_keys::by_hash(&mut tx, b"hash").await?.context("the key")?;
    assert_eq!(used.last_used_at, Some(later(1)));
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(api_keys::revoke(&mut tx, later(2), other.id, made.id).await?, None);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert_eq!(api_keys::revoke(&mut tx, later(2), mine.id, made.id).await?, Some("Website".into()));
    assert_eq!(api_keys::revoke(&mut tx, later(2), mine.id, made.id).await?, None);
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert_eq!(api_keys::by_hash(&mut tx, b"hash").await?, None);
    Ok(())
}

async fn lists_hold_working_keys_in_pages(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    for number in 0..4_u8 {
        api_keys::insert(&mut tx, mine.id, &key("k"), &[number]).await?;
    }
    let ended = key("ended");
    api_keys::insert(&mut tx, mine.id, &ended, b"ended").await?;
    api_keys::revoke(&mut tx, now(), mine.id, ended.id).await?;
    let all = api_keys::list(&mut tx, mine.id, ALL).await?.items;
    assert_eq!(all.len(), 4);
    assert_eq!(paged!(|page| api_keys::list(&mut tx, mine.id, page)), all);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(api_keys::list(&mut tx, other.id, ALL).await?.items.is_empty());
    Ok(())
}
