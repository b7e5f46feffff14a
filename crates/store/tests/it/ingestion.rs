//! From a file to something that answers: parts, chunks, vectors, indexes, quotes.

use anyhow::{Context, Result};
use coxswain_domain::{
    ChunkId, DocumentId, VersionId,
    document::{DocumentKind, Part, Stage},
    ports::EmbeddingModel,
};
use coxswain_store::{
    Db, Tx,
    bases::KnowledgeBase,
    chunks::{self, Home, NewChunk},
    documents::{self, Failure, NewVersion, StoredFile, Warning},
    indexes::{self, Index},
    ingestion::{self, Ingestion},
    overview, quotes,
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};

use crate::{documents::add, knowledge::base, later, now, two};

contract!(
    a_version_goes_from_queued_to_ready,
    a_new_version_replaces_the_old_at_once,
    a_version_that_fails_leaves_the_active_one,
    reading_again_begins_from_nothing,
    only_what_may_be_found_is_found,
    documents_are_known_by_how_they_open,
    quotes_are_checked_against_the_stored_text,
    a_creator_sees_how_much_there_is,
    parts_come_in_pages_with_their_chunks,
);

/// A document, its version, and the index its vectors are in.
pub(crate) struct Shelf {
    coach: Coach,
    base: KnowledgeBase,
    pub(crate) document: DocumentId,
    pub(crate) version: VersionId,
    pub(crate) index: Index,
}

pub(crate) fn model(name: &str) -> EmbeddingModel {
    EmbeddingModel { name: name.into(), dimension: 2 }
}

fn part(text: &str) -> Part {
    Part { page: Some(3), heading: Some("Dawn".into()), text: text.into(), ..Part::default() }
}

fn chunk(ordinal: i64, text: &str) -> NewChunk {
    NewChunk {
        id: ChunkId::new(now()),
        ordinal,
        part_number: 0,
        start_byte: 0,
        end_byte: i64::try_from(text.len()).unwrap_or(0),
        page: Some(3),
        heading: Some("Dawn".into()),
        start_ms: None,
        end_ms: None,
        text: text.into(),
        text_hash: text.as_bytes().to_vec(),
        terms: text.to_lowercase(),
    }
}

impl Shelf {
    /// A document whose first version is queued.
    pub(crate) async fn new(db: &Db, coach: Coach) -> Result<Self> {
        let base = base(db, coach, "Habits").await?;
        let (document, version) = add(db, coach, &base, "Morning", 0).await?;
        let mut tx = db.write(coach.id).await?;
        let index = indexes::ensure(&mut tx, coach.id, &model("mini"), now()).await?;
        tx.commit().await?;
        Ok(Self { coach, base, document, version, index })
    }

    fn home(&self, version: VersionId) -> Home {
        Home { base: self.base.id, document: self.document, version }
    }

    /// Reads a version with these chunks up to the point where vectors are missing.
    pub(crate) async fn read(&self, db: &Db, version: VersionId, texts: &[&str]) -> Result<Vec<ChunkId>> {
        let creator = self.coach.id;
        let mut tx = db.write(creator).await?;
        ingestion::begin_parsing(&mut tx, creator, version).await?;
        ingestion::add_parts(&mut tx, creator, version, 0, &[part(&texts.join("\n\n"))]).await?;
        ingestion::set_pages(&mut tx, creator, version, 1, Some(2)).await?;
        let new: Vec<_> = (0..).zip(texts).map(|(ordinal, text)| chunk(ordinal, text)).collect();
        chunks::insert(&mut tx, creator, self.home(version), &new).await?;
        let warnings = [Warning { page: Some(2), reason: "no text".into() }];
        ingestion::begin_embedding(&mut tx, creator, version, 2, &warnings).await?;
        tx.commit().await?;
        Ok(new.into_iter().map(|chunk| chunk.id).collect())
    }

    /// Gives these chunks vectors and lets the version answer.
    pub(crate) async fn activate(
        &self,
        db: &Db,
        version: VersionId,
        ids: &[ChunkId],
    ) -> Result<Vec<VersionId>> {
        let creator = self.coach.id;
        let mut tx = db.write(creator).await?;
        for id in ids {
            chunks::put_vector(&mut tx, creator, self.index.id, *id, &[0.6, 0.8]).await?;
        }
        ingestion::add_chunks_done(&mut tx, creator, version, ids.len()).await?;
        let ingestion = ingestion::ingestion(&mut tx, creator, version).await?.context("the version")?;
        let former = ingestion::activate(&mut tx, later(1), creator, &ingestion).await?;
        tx.commit().await?;
        Ok(former)
    }

    /// One more version, queued.
    async fn next_version(&self, db: &Db) -> Result<VersionId> {
        let id = VersionId::new(later(2));
        let file = StoredFile {
            key: "files/2".into(),
            name: "Morning".into(),
            kind: DocumentKind::Text,
            bytes: 1,
            sha256: vec![1],
        };
        let mut tx = db.write(self.coach.id).await?;
        let new = NewVersion { id, document_id: self.document, file, source_url: None };
        documents::add_version(&mut tx, later(2), self.coach.id, &new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The texts that these chunks may be found by.
    async fn found(&self, db: &Db, ids: &[ChunkId]) -> Result<Vec<String>> {
        let mut tx = db.read(self.coach.id).await?;
        let mut found = chunks::passages(&mut tx, self.coach.id, ids).await?;
        found.sort_by_key(|passage| passage.ordinal);
        Ok(found.into_iter().map(|passage| passage.text).collect())
    }
}

async fn a_version_goes_from_queued_to_ready(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let ids = shelf.read(db, shelf.version, &["Rise early", "Row on"]).await?;
    let mut tx = db.read(mine.id).await?;
    let Ingestion { document, base, kind, file_name, stage, .. } =
        ingestion::ingestion(&mut tx, mine.id, shelf.version).await?.context("the version")?;
    assert_eq!((document, base), (shelf.document, shelf.base.id));
    assert_eq!((kind, file_name.as_str(), stage), (DocumentKind::Text, "Morning", Stage::Embedding));
    let waiting = ingestion::waiting(&mut tx, mine.id, shelf.index.id, shelf.version, 10).await?;
    assert_eq!(waiting.iter().map(|chunk| chunk.chunk_id).collect::<Vec<_>>(), ids);
    assert_eq!(ingestion::waiting(&mut tx, mine.id, shelf.index.id, shelf.version, 1).await?.len(), 1);
    let document_id = ingestion::document_of_file(&mut tx, mine.id, shelf.base.id, "Morning").await?;
    assert_eq!(document_id, Some(shelf.document));
    assert_eq!(ingestion::document_of_file(&mut tx, mine.id, shelf.base.id, "Night").await?, None);
    drop(tx);
    assert!(shelf.found(db, &ids).await?.is_empty(), "not before it is active");

    assert!(shelf.activate(db, shelf.version, &ids).await?.is_empty());
    assert_eq!(shelf.found(db, &ids).await?, ["Rise early", "Row on"]);
    let mut tx = db.read(mine.id).await?;
    let version = documents::version(&mut tx, mine.id, shelf.version).await?.context("the version")?;
    assert_eq!((version.stage, version.active), (Stage::Ready, true));
    assert_eq!((version.pages_done, version.pages_total), (2, Some(2)));
    assert_eq!((version.chunks_done, version.chunks_total), (2, Some(2)));
    assert_eq!(version.warnings.len(), 1);
    assert_eq!(documents::active_version(&mut tx, mine.id, shelf.document).await?, Some(shelf.version));
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(ingestion::ingestion(&mut tx, other.id, shelf.version).await?.is_none());
    assert!(ingestion::waiting(&mut tx, other.id, shelf.index.id, shelf.version, 9).await?.is_empty());
    assert!(chunks::passages(&mut tx, other.id, &ids).await?.is_empty());
    assert!(chunks::findable_versions(&mut tx, other.id).await?.is_empty());
    Ok(())
}

async fn a_new_version_replaces_the_old_at_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let old = shelf.read(db, shelf.version, &["Rise early", "Row on"]).await?;
    shelf.activate(db, shelf.version, &old).await?;
    let next = shelf.next_version(db).await?;
    let new = shelf.read(db, next, &["Rise early", "Rest well"]).await?;
    assert_eq!(shelf.found(db, &[&old[..], &new[..]].concat()).await?, ["Rise early", "Row on"]);
    let mut tx = db.read(mine.id).await?;
    let known = chunks::known_vectors(&mut tx, mine.id, shelf.document, shelf.index.id).await?;
    assert!(known.contains(&(b"Rise early".to_vec(), vec![0.6, 0.8])), "unchanged text needs no new vector");
    drop(tx);
    assert_eq!(shelf.activate(db, next, &new).await?, [shelf.version]);
    assert_eq!(shelf.found(db, &[&old[..], &new[..]].concat()).await?, ["Rise early", "Rest well"]);
    let mut tx = db.read(mine.id).await?;
    let terms = chunks::terms(&mut tx, mine.id, next).await?;
    assert_eq!(terms, ["rise early", "rest well"]);
    assert!(chunks::terms(&mut tx, mine.id, shelf.version).await?.is_empty(), "the old chunks are gone");
    let points = chunks::points(&mut tx, mine.id, shelf.index.id, next, 1, 10).await?;
    assert_eq!(points.len(), 1, "from the second on");
    assert_eq!((points[0].chunk, points[0].ordinal, &points[0].vector), (new[1], 1, &vec![0.6, 0.8]));
    let (parts, _) = documents::parts(&mut tx, mine.id, shelf.version, None, 10).await?;
    assert_eq!(parts.len(), 1, "an older version can still be read");
    Ok(())
}

async fn a_version_that_fails_leaves_the_active_one(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let ids = shelf.read(db, shelf.version, &["Rise early"]).await?;
    shelf.activate(db, shelf.version, &ids).await?;
    let next = shelf.next_version(db).await?;
    shelf.read(db, next, &["Half of"]).await?;
    let failure = Failure { code: "damaged".into(), sentence: "The file breaks off.".into() };
    let mut tx = db.write(mine.id).await?;
    ingestion::fail(&mut tx, later(3), mine.id, next, &failure).await?;
    let version = documents::version(&mut tx, mine.id, next).await?.context("the version")?;
    assert_eq!((version.stage, version.failure), (Stage::Failed, Some(failure)));
    assert!(documents::parts(&mut tx, mine.id, next, None, 9).await?.0.is_empty());
    tx.commit().await?;
    assert_eq!(shelf.found(db, &ids).await?, ["Rise early"]);
    Ok(())
}

async fn reading_again_begins_from_nothing(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    shelf.read(db, shelf.version, &["Rise early", "Row on"]).await?;
    let ids = shelf.read(db, shelf.version, &["Rise early"]).await?;
    let mut tx = db.write(mine.id).await?;
    // The same place again changes nothing: a worker that lost its lease does no harm.
    chunks::insert(&mut tx, mine.id, shelf.home(shelf.version), &[chunk(0, "Late")]).await?;
    tx.commit().await?;
    shelf.activate(db, shelf.version, &ids).await?;
    assert_eq!(shelf.found(db, &ids).await?, ["Rise early"]);
    let mut tx = db.read(mine.id).await?;
    let version = documents::version(&mut tx, mine.id, shelf.version).await?.context("the version")?;
    assert_eq!((version.chunks_done, version.chunks_total), (1, Some(1)));
    assert_eq!(chunks::terms(&mut tx, mine.id, shelf.version).await?, ["rise early"]);
    Ok(())
}

async fn only_what_may_be_found_is_found(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    // More than one statement's worth, and not a multiple of it.
    let texts: Vec<_> = (0..11).map(|number| format!("Text {number}")).collect();
    let ids = shelf.read(db, shelf.version, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    shelf.activate(db, shelf.version, &ids).await?;
    assert_eq!(shelf.found(db, &ids).await?, texts);
    assert!(shelf.found(db, &[]).await?.is_empty());
    let mut tx = db.write(mine.id).await?;
    let findable = chunks::findable_versions(&mut tx, mine.id).await?;
    assert_eq!(findable, [(shelf.version, shelf.base.id)]);
    let opening = async |tx: &mut Tx, form: &str, title: &str| -> Result<usize> {
        Ok(chunks::openings(tx, mine.id, &[form.to_owned()], title).await?.len())
    };
    assert_eq!(opening(&mut tx, "3", "no title").await?, 1, "the fourth chunk is still the opening");
    assert_eq!(opening(&mut tx, "4", "no title").await?, 0);
    assert_eq!(opening(&mut tx, "no term", "morn").await?, 4);
    assert!(chunks::openings(&mut tx, mine.id, &[], "morn").await?.is_empty());
    let before = indexes::generation(&mut tx, mine.id, shelf.index.id).await?;
    let mut document = documents::get(&mut tx, mine.id, shelf.document).await?.context("the document")?;
    document.enabled = false;
    documents::update(&mut tx, later(4), mine.id, &document).await?;
    indexes::touch(&mut tx, mine.id).await?;
    assert!(indexes::generation(&mut tx, mine.id, shelf.index.id).await? > before);
    assert!(chunks::findable_versions(&mut tx, mine.id).await?.is_empty());
    assert_eq!(opening(&mut tx, "3", "morn").await?, 0);
    tx.commit().await?;
    assert!(shelf.found(db, &ids).await?.is_empty(), "switched off");
    let mut tx = db.write(mine.id).await?;
    documents::remove(&mut tx, later(5), mine.id, shelf.document).await?;
    assert!(chunks::terms(&mut tx, mine.id, shelf.version).await?.is_empty());
    assert!(chunks::points(&mut tx, mine.id, shelf.index.id, shelf.version, 0, 99).await?.is_empty());
    Ok(())
}

async fn documents_are_known_by_how_they_open(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let texts = ["Rise early", "Row on", "Rest well", "Eat slowly", "Sing loudly"];
    let ids = shelf.read(db, shelf.version, &texts).await?;
    let forms = |forms: &[&str]| forms.iter().map(|form| (*form).to_owned()).collect::<Vec<_>>();
    let mut tx = db.read(mine.id).await?;
    assert!(chunks::openings(&mut tx, mine.id, &forms(&["early"]), "x").await?.is_empty(), "not active yet");
    drop(tx);
    shelf.activate(db, shelf.version, &ids).await?;
    let mut tx = db.read(mine.id).await?;
    for (words, title, found) in [
        (&["early"][..], "x", 1),
        (&["none", "well", "early"], "x", 2),
        (&["earl"], "x", 0),
        (&["loudly"], "x", 0),
        (&["none"], "morn", 4),
        (&[], "morn", 0),
    ] {
        let openings = chunks::openings(&mut tx, mine.id, &forms(words), title).await?;
        assert_eq!(openings.len(), found, "{words:?} {title}");
        assert!(openings.iter().all(|one| one.document_id == shelf.document && one.title == "Morning"));
    }
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(chunks::openings(&mut tx, other.id, &forms(&["early"]), "morn").await?.is_empty());
    Ok(())
}

async fn quotes_are_checked_against_the_stored_text(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let ids = shelf.read(db, shelf.version, &["Rise early.", "Row on."]).await?;
    shelf.activate(db, shelf.version, &ids).await?;
    let mut tx = db.write(mine.id).await?;
    assert!(
        quotes::occurs(&mut tx, mine.id, ids[0], "early.\n\nRow").await?,
        "the part counts, not the chunk"
    );
    for quote in ["rise early", "Rise  early", "Rise late", "", "%"] {
        assert!(!quotes::occurs(&mut tx, mine.id, ids[0], quote).await?, "{quote:?}");
    }
    quotes::count(&mut tx, mine.id, shelf.document).await?;
    quotes::count(&mut tx, other.id, shelf.document).await?;
    let document = documents::get(&mut tx, mine.id, shelf.document).await?.context("the document")?;
    assert_eq!(document.times_quoted, 1);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(!quotes::occurs(&mut tx, other.id, ids[0], "Rise early").await?);
    Ok(())
}

async fn a_creator_sees_how_much_there_is(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let ids = shelf.read(db, shelf.version, &["Rise early", "Row on"]).await?;
    shelf.activate(db, shelf.version, &ids).await?;
    let (_, failed) = add(db, mine, &shelf.base, "Damaged", 0).await?;
    let failure = Failure { code: "damaged".into(), sentence: "It breaks off.".into() };
    mine.client(db, now(), None).await?;
    let mut tx = db.write(mine.id).await?;
    ingestion::fail(&mut tx, now(), mine.id, failed, &failure).await?;
    let overview = overview::overview(&mut tx, mine.id).await?;
    assert_eq!((overview.documents, overview.documents_ready, overview.documents_failed), (2, 1, 1));
    assert_eq!((overview.chunks, overview.clients, overview.conversations), (2, 1, 1));
    assert_eq!((overview.tests, overview.gaps, overview.channels), (0, 0, 1));
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert_eq!(
        overview::overview(&mut tx, other.id).await?,
        overview::Overview { channels: 1, ..Default::default() }
    );
    Ok(())
}

async fn parts_come_in_pages_with_their_chunks(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let shelf = Shelf::new(db, mine).await?;
    let ids = shelf.read(db, shelf.version, &["Rise early"]).await?;
    let mut tx = db.write(mine.id).await?;
    ingestion::add_parts(&mut tx, mine.id, shelf.version, 1, &[part("Two"), part("Three")]).await?;
    let (parts, more) = documents::parts(&mut tx, mine.id, shelf.version, None, 2).await?;
    assert_eq!((parts.len(), more), (2, true));
    assert_eq!((parts[0].page, parts[0].heading.as_deref()), (Some(3), Some("Dawn")));
    let cut = parts[0].chunks.iter().map(|chunk| (chunk.id, chunk.start, chunk.end)).collect::<Vec<_>>();
    assert_eq!(cut, [(ids[0], 0, 10)]);
    let (rest, more) = documents::parts(&mut tx, mine.id, shelf.version, Some(1), 2).await?;
    assert_eq!((rest.len(), rest[0].text.as_str(), more), (1, "Three", false));
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(documents::parts(&mut tx, other.id, shelf.version, None, 9).await?.0.is_empty());
    Ok(())
}
