//! Indexes: another model is built beside the one that answers, and takes over.

use anyhow::{Context, Result};
use coxswain_store::{
    chunks,
    indexes::{self, IndexState, PUBLISH_JOB, ReindexPayload},
    jobs,
};
use coxswain_test_support::{contract, db::TestDb};

use crate::{
    ingestion::{Shelf, model},
    later, now, two,
};

contract!(
    another_model_takes_over_when_complete,
    a_creator_with_another_model_is_outdated_until_a_job_is_on_its_way,
    an_outside_index_follows_a_switch,
);

async fn another_model_takes_over_when_complete(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let ids = shelf.read(db, shelf.version, &["Rise early", "Row on"]).await?;
    shelf.activate(db, shelf.version, &ids).await?;
    let mut tx = db.write(mine.id).await?;
    let same = indexes::ensure(&mut tx, mine.id, &model("mini"), later(1)).await?;
    assert_eq!((same.id, same.state), (shelf.index.id, IndexState::Active));
    let next = indexes::ensure(&mut tx, mine.id, &model("large"), later(1)).await?;
    assert_eq!(next.state, IndexState::Building);
    assert_eq!(indexes::ensure(&mut tx, mine.id, &model("large"), later(2)).await?.id, next.id);
    assert_eq!(indexes::unembedded(&mut tx, mine.id, next.id, 9).await?.len(), 2);
    assert_eq!(indexes::unembedded_count(&mut tx, mine.id, next.id).await?, 2);
    assert!(!indexes::activate(&mut tx, mine.id, next.id, later(2)).await?, "vectors are missing");
    assert_eq!(indexes::active(&mut tx, mine.id).await?.context("an index")?.id, shelf.index.id);
    for id in &ids {
        chunks::put_vector(&mut tx, mine.id, next.id, *id, &[1.0, 0.0]).await?;
        chunks::put_vector(&mut tx, mine.id, next.id, *id, &[0.0, 1.0]).await?;
    }
    assert_eq!(indexes::unembedded_count(&mut tx, mine.id, next.id).await?, 0);
    assert!(indexes::activate(&mut tx, mine.id, next.id, later(3)).await?);
    let states = |all: Vec<indexes::Index>| all.iter().map(|one| (one.id, one.state)).collect::<Vec<_>>();
    let all = states(indexes::list(&mut tx, mine.id).await?);
    assert_eq!(all, [(shelf.index.id, IndexState::Former), (next.id, IndexState::Active)]);
    assert_eq!(indexes::active(&mut tx, mine.id).await?.context("an index")?.id, next.id);
    indexes::delete_former(&mut tx, mine.id, next.id).await?;
    indexes::delete_former(&mut tx, mine.id, shelf.index.id).await?;
    assert_eq!(states(indexes::list(&mut tx, mine.id).await?), [(next.id, IndexState::Active)]);
    assert_eq!(indexes::generation(&mut tx, mine.id, shelf.index.id).await?, None);
    let points = chunks::points(&mut tx, mine.id, next.id, shelf.version, 0, 9).await?;
    assert!(points.iter().all(|point| point.vector == [0.0, 1.0]), "the latest vector counts");
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(indexes::active(&mut tx, other.id).await?, None);
    assert!(!indexes::activate(&mut tx, other.id, next.id, later(3)).await?);
    assert_eq!(indexes::generation(&mut tx, other.id, next.id).await?, None);
    assert_eq!(indexes::unembedded_count(&mut tx, other.id, next.id).await?, 0);
    Ok(())
}

async fn a_creator_with_another_model_is_outdated_until_a_job_is_on_its_way(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    Shelf::new(db, mine).await?;
    let mut tx = db.system().await?;
    assert!(indexes::outdated(&mut tx, &model("mini")).await?.is_empty());
    assert_eq!(indexes::outdated(&mut tx, &model("large")).await?, [mine.id]);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(!indexes::reindexing(&mut tx, mine.id).await?);
    indexes::enqueue_reindex(&mut tx, now(), mine.id, ReindexPayload { clear: true }).await?;
    assert!(indexes::reindexing(&mut tx, mine.id).await?);
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert!(indexes::outdated(&mut tx, &model("large")).await?.is_empty());
    assert!(
        jobs::waiting(&mut tx, now(), now()).await?.iter().any(|found| found.kind == indexes::REINDEX_JOB)
    );
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(!indexes::reindexing(&mut tx, other.id).await?);
    Ok(())
}

async fn an_outside_index_follows_a_switch(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    let before = indexes::generation(&mut tx, mine.id, shelf.index.id).await?;
    indexes::switched(&mut tx, now(), mine.id, shelf.document, shelf.version).await?;
    assert!(indexes::generation(&mut tx, mine.id, shelf.index.id).await? > before);
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert!(jobs::waiting(&mut tx, now(), now()).await?.iter().any(|found| found.kind == PUBLISH_JOB));
    Ok(())
}
