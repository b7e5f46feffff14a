//! Creators.

use anyhow::{Context, Result};
use coxswain_domain::account::CreatorSettings;
use coxswain_store::creators;
use coxswain_test_support::{contract, db::TestDb};

use crate::two;

contract!(they_are_found_by_id_name_and_age, the_faster_of_two_changes_wins);

async fn they_are_found_by_id_name_and_age(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.system().await?;
    let creator = creators::get(&mut tx, mine.id).await?.context("the creator")?;
    assert_eq!((creator.id, creator.version), (mine.id, 1));
    assert_eq!(creator.settings, CreatorSettings::default());
    let mut named: Vec<_> =
        creators::named(&mut tx, "Coach").await?.iter().map(|creator| creator.id).collect();
    named.sort();
    let mut both = vec![mine.id, other.id];
    both.sort();
    assert_eq!(named, both);
    assert!(creators::named(&mut tx, "Nobody").await?.is_empty());
    assert_eq!(creators::oldest(&mut tx, 1).await?.len(), 1);
    assert_eq!(creators::oldest(&mut tx, 9).await?.len(), 2);
    Ok(())
}

async fn the_faster_of_two_changes_wins(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let settings = CreatorSettings { daily_cap: 5, ..CreatorSettings::default() };
    let mut tx = db.write(mine.id).await?;
    let changed = creators::update(&mut tx, mine.id, 1, "Rower", &settings).await?.context("changed")?;
    assert_eq!((changed.name.as_str(), changed.version, changed.settings.daily_cap), ("Rower", 2, 5));
    assert_eq!(creators::update(&mut tx, mine.id, 1, "Late", &settings).await?, None);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert_eq!(creators::get(&mut tx, other.id).await?.context("the other")?.name, "Coach");
    Ok(())
}
