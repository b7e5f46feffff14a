//! Secrets of widgets.

use anyhow::{Context, Result};
use coxswain_store::widget_secrets;
use coxswain_test_support::{contract, db::TestDb};

use crate::{later, now, two};

contract!(a_secret_is_replaced_and_removed, a_secret_is_its_creators_alone);

async fn a_secret_is_replaced_and_removed(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(widget_secrets::get(&mut tx, mine.id, mine.widget).await?, None);
    assert!(widget_secrets::set(&mut tx, now(), mine.id, mine.widget, "first").await?);
    assert!(widget_secrets::set(&mut tx, later(1), mine.id, mine.widget, "second").await?);
    let kept = widget_secrets::get(&mut tx, mine.id, mine.widget).await?.context("it was set")?;
    assert_eq!((kept.secret.as_str(), kept.created_at), ("second", later(1)));
    assert!(!format!("{kept:?}").contains("second"), "it is not printed");
    assert!(widget_secrets::remove(&mut tx, mine.id, mine.widget).await?);
    assert!(!widget_secrets::remove(&mut tx, mine.id, mine.widget).await?);
    assert_eq!(widget_secrets::get(&mut tx, mine.id, mine.widget).await?, None);
    Ok(())
}

async fn a_secret_is_its_creators_alone(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.write(other.id).await?;
    assert!(!widget_secrets::set(&mut tx, now(), other.id, mine.widget, "theirs").await?);
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    assert!(widget_secrets::set(&mut tx, now(), mine.id, mine.widget, "mine").await?);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(!widget_secrets::set(&mut tx, later(1), other.id, mine.widget, "theirs").await?);
    assert_eq!(widget_secrets::get(&mut tx, other.id, mine.widget).await?, None);
    assert!(!widget_secrets::remove(&mut tx, other.id, mine.widget).await?);
    tx.commit().await?;
    let mut tx = db.read(mine.id).await?;
    let kept = widget_secrets::get(&mut tx, mine.id, mine.widget).await?;
    assert_eq!(kept.map(|kept| kept.secret), Some("mine".to_owned()));
    Ok(())
}
