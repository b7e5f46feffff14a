//! Knowledge bases and their folders.

use anyhow::{Context, Result};
use coxswain_domain::{FolderId, KnowledgeBaseId};
use coxswain_store::{
    Db, StoreError,
    bases::{self, KnowledgeBase},
    folders::{self, Folder},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};

use crate::{ALL, later, now, paged, two};

contract!(
    a_name_is_taken_whatever_its_case,
    bases_change_and_go,
    folders_lie_in_folders,
    deleting_a_folder_takes_those_in_it,
);

pub(crate) async fn base(db: &Db, coach: Coach, name: &str) -> Result<KnowledgeBase> {
    let base = KnowledgeBase {
        id: KnowledgeBaseId::new(now()),
        name: name.into(),
        description: "For every day".into(),
        documents: 0,
        created_at: now(),
    };
    let mut tx = db.write(coach.id).await?;
    anyhow::ensure!(bases::insert(&mut tx, coach.id, &base).await?, "the name is free");
    tx.commit().await?;
    Ok(base)
}

fn folder(base: &KnowledgeBase, parent: Option<&Folder>, minute: i64) -> Folder {
    Folder {
        id: FolderId::new(now()),
        knowledge_base_id: base.id,
        parent_id: parent.map(|parent| parent.id),
        name: format!("Folder {minute}"),
        created_at: later(minute),
    }
}

async fn a_name_is_taken_whatever_its_case(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    base(db, other, "habits").await?;
    let mut tx = db.write(mine.id).await?;
    let again = KnowledgeBase { id: KnowledgeBaseId::new(now()), name: " HABITS".into(), ..habits.clone() };
    assert!(!bases::insert(&mut tx, mine.id, &again).await?);
    assert_eq!(bases::named(&mut tx, mine.id, "hAbits ").await?, Some(habits.clone()));
    assert_eq!(bases::named(&mut tx, mine.id, "sleep").await?, None);
    assert!(bases::name_taken(&mut tx, mine.id, again.id, "habits").await?);
    assert!(!bases::name_taken(&mut tx, mine.id, habits.id, "habits").await?, "it is its own");
    Ok(())
}

async fn bases_change_and_go(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    for name in ["Sleep", "Food", "Sport"] {
        base(db, mine, name).await?;
    }
    let mut tx = db.write(other.id).await?;
    assert_eq!(bases::get(&mut tx, other.id, habits.id).await?, None);
    assert!(!bases::update(&mut tx, other.id, habits.id, "Mine", "").await?);
    assert!(!bases::delete(&mut tx, other.id, habits.id).await?);
    assert!(bases::list(&mut tx, other.id, ALL).await?.items.is_empty());
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(bases::update(&mut tx, mine.id, habits.id, "Morning", "Early").await?);
    let changed = bases::get(&mut tx, mine.id, habits.id).await?.context("the base")?;
    assert_eq!((changed.name.as_str(), changed.description.as_str()), ("Morning", "Early"));
    let all = bases::list(&mut tx, mine.id, ALL).await?.items;
    assert_eq!(paged!(|page| bases::list(&mut tx, mine.id, page)), all);
    assert!(bases::delete(&mut tx, mine.id, habits.id).await?);
    assert_eq!(bases::get(&mut tx, mine.id, habits.id).await?, None);
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    let sleep = bases::named(&mut tx, mine.id, "sleep").await?.context("the base")?;
    let refused = bases::update(&mut tx, mine.id, sleep.id, "FOOD", "").await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    Ok(())
}

async fn folders_lie_in_folders(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let top = folder(&habits, None, 0);
    let middle = folder(&habits, Some(&top), 1);
    let mut inner = folder(&habits, Some(&middle), 2);
    let mut tx = db.write(mine.id).await?;
    for folder in [&top, &middle, &inner] {
        folders::insert(&mut tx, mine.id, folder).await?;
    }
    assert!(folders::within(&mut tx, mine.id, inner.id, top.id).await?);
    assert!(folders::within(&mut tx, mine.id, top.id, top.id).await?);
    assert!(!folders::within(&mut tx, mine.id, top.id, inner.id).await?);
    inner.name = "Moved".into();
    inner.parent_id = None;
    assert!(folders::update(&mut tx, mine.id, &inner).await?);
    assert_eq!(folders::get(&mut tx, mine.id, inner.id).await?, Some(inner.clone()));
    let all = folders::list(&mut tx, mine.id, habits.id, ALL).await?.items;
    assert_eq!(all, [inner.clone(), middle, top]);
    assert_eq!(paged!(|page| folders::list(&mut tx, mine.id, habits.id, page)), all);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(folders::get(&mut tx, other.id, inner.id).await?, None);
    assert!(!folders::update(&mut tx, other.id, &inner).await?);
    assert!(!folders::delete(&mut tx, other.id, inner.id).await?);
    assert!(!folders::within(&mut tx, other.id, inner.id, inner.id).await?);
    assert!(folders::list(&mut tx, other.id, habits.id, ALL).await?.items.is_empty());
    Ok(())
}

async fn deleting_a_folder_takes_those_in_it(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let top = folder(&habits, None, 0);
    let inner = folder(&habits, Some(&top), 1);
    let mut tx = db.write(mine.id).await?;
    folders::insert(&mut tx, mine.id, &top).await?;
    folders::insert(&mut tx, mine.id, &inner).await?;
    assert!(folders::delete(&mut tx, mine.id, top.id).await?);
    assert_eq!(folders::get(&mut tx, mine.id, inner.id).await?, None);
    assert!(!folders::delete(&mut tx, mine.id, top.id).await?);
    Ok(())
}
