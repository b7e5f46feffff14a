//! Channel accounts.

use anyhow::{Context, Result};
use coxswain_domain::ChannelAccountId;
use coxswain_store::channel_accounts;
use coxswain_test_support::{contract, db::TestDb};

use crate::{ALL, later, now, paged, two};

contract!(they_are_found_by_id_and_key, the_faster_of_two_changes_wins, lists_come_in_pages);

async fn they_are_found_by_id_and_key(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.read(mine.id).await?;
    let found = channel_accounts::get(&mut tx, mine.id, mine.widget).await?.context("the widget")?;
    assert_eq!(channel_accounts::get(&mut tx, mine.id, other.widget).await?, None);
    drop(tx);
    let mut tx = db.system_read().await?;
    assert_eq!(channel_accounts::by_public_key(&mut tx, &found.public_key).await?, Some(found));
    assert_eq!(channel_accounts::by_public_key(&mut tx, "cxw_unknown").await?, None);
    Ok(())
}

async fn the_faster_of_two_changes_wins(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    let mut account = channel_accounts::get(&mut tx, mine.id, mine.widget).await?.context("the widget")?;
    account.enabled = false;
    account.settings.allowed_origins = vec!["https://example.org".into()];
    let changed = channel_accounts::update(&mut tx, mine.id, &account).await?.context("changed")?;
    assert_eq!((changed.version, changed.enabled), (2, false));
    assert_eq!(changed.settings, account.settings);
    assert_eq!(channel_accounts::update(&mut tx, mine.id, &account).await?, None, "version 1 is gone");
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(channel_accounts::update(&mut tx, other.id, &changed).await?, None);
    assert!(!channel_accounts::delete(&mut tx, other.id, mine.widget).await?);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(channel_accounts::delete(&mut tx, mine.id, mine.widget).await?);
    assert_eq!(channel_accounts::get(&mut tx, mine.id, mine.widget).await?, None);
    Ok(())
}

async fn lists_come_in_pages(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    let first = channel_accounts::get(&mut tx, mine.id, mine.widget).await?.context("the widget")?;
    for minute in 1..4 {
        let mut account = first.clone();
        account.id = ChannelAccountId::new(now());
        account.public_key = format!("cxw_{minute}");
        account.created_at = later(minute);
        channel_accounts::insert(&mut tx, &account).await?;
    }
    let all = channel_accounts::list(&mut tx, mine.id, ALL).await?.items;
    assert_eq!(all.len(), 4);
    assert_eq!(all[3], first);
    assert_eq!(paged!(|page| channel_accounts::list(&mut tx, mine.id, page)), all);
    Ok(())
}
