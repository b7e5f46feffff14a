//! Documents and their versions.

use anyhow::{Context, Result};
use coxswain_domain::{
    ChunkId, CreatorId, DocumentId, MessageId, TurnId, VersionId,
    citation::Citation,
    conversation::{Author, MessageStatus},
    document::{DocumentKind, Stage},
};
use coxswain_store::{
    Db,
    bases::KnowledgeBase,
    conversations::{self, NewMessage, Settled},
    documents::{self, Failure, Filter, NewDocument, NewVersion, StoredFile},
    ingestion, jobs,
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use uuid::Uuid;

use crate::{ALL, knowledge::base, later, now, paged, two};

contract!(
    a_document_shows_with_its_newest_version,
    lists_can_be_narrowed,
    what_a_person_may_change,
    versions_are_numbered_and_listed,
    a_fetched_file_takes_the_place_of_none,
    a_failed_version_can_be_queued_again,
    what_moves_is_told,
    deleting_leaves_no_words_anywhere,
    deleting_a_base_deletes_its_documents,
);

fn file(name: &str) -> StoredFile {
    StoredFile {
        key: format!("files/{name}"),
        name: name.into(),
        kind: DocumentKind::Text,
        bytes: 12,
        sha256: vec![7; 32],
    }
}

/// Adds a document with one version, queued.
pub(crate) async fn add(
    db: &Db,
    coach: Coach,
    base: &KnowledgeBase,
    title: &str,
    minute: i64,
) -> Result<(DocumentId, VersionId)> {
    let (id, version) = (DocumentId::new(now()), VersionId::new(now()));
    let new = NewDocument {
        id,
        knowledge_base_id: base.id,
        folder_id: None,
        title: title.into(),
        kind: DocumentKind::Text,
        citation_url: Some("https://example.org/book".into()),
    };
    let mut tx = db.write(coach.id).await?;
    documents::insert(&mut tx, later(minute), coach.id, &new).await?;
    anyhow::ensure!(
        documents::get(&mut tx, coach.id, id).await?.is_none(),
        "without a version it shows nowhere"
    );
    let new = NewVersion { id: version, document_id: id, file: file(title), source_url: None };
    documents::add_version(&mut tx, later(minute), coach.id, &new).await?;
    tx.commit().await?;
    Ok((id, version))
}

async fn a_document_shows_with_its_newest_version(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let (id, version) = add(db, mine, &habits, "Morning", 0).await?;
    let mut tx = db.read(mine.id).await?;
    let document = documents::get(&mut tx, mine.id, id).await?.context("the document")?;
    assert_eq!((document.title.as_str(), document.enabled, document.versions_count), ("Morning", true, 1));
    assert_eq!((document.version.id, document.version.number, document.version.active), (version, 1, false));
    assert_eq!(document.version.stage, Stage::Queued);
    assert!(documents::exists(&mut tx, mine.id, id).await?);
    assert_eq!(documents::active_version(&mut tx, mine.id, id).await?, None);
    drop(tx);
    let mut tx = db.write(other.id).await?;
    assert!(documents::get(&mut tx, other.id, id).await?.is_none());
    assert!(!documents::exists(&mut tx, other.id, id).await?);
    assert!(!documents::update(&mut tx, now(), other.id, &document).await?);
    assert!(documents::version(&mut tx, other.id, version).await?.is_none());
    assert!(documents::file(&mut tx, other.id, version).await?.is_none());
    assert!(!documents::names_file(&mut tx, other.id, "files/Morning").await?);
    assert!(documents::remove(&mut tx, now(), other.id, id).await?.is_none());
    Ok(())
}

async fn lists_can_be_narrowed(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (habits, sleep) = (base(db, mine, "Habits").await?, base(db, mine, "Sleep").await?);
    for (minute, title) in (0..).zip(["Morning Pages", "100% effort", "50 morning walks"]) {
        add(db, mine, &habits, title, minute).await?;
    }
    add(db, mine, &sleep, "Night", 9).await?;
    let mut tx = db.read(mine.id).await?;
    let mut titles = async |filter: Filter| -> Result<Vec<String>> {
        let listed = documents::list(&mut tx, mine.id, &filter, ALL).await?.items;
        Ok(listed.into_iter().map(|document| document.title).collect())
    };
    let title = |text: &str| Filter { title: Some(text.into()), ..Filter::default() };
    assert_eq!(
        titles(Filter::default()).await?,
        ["Night", "50 morning walks", "100% effort", "Morning Pages"]
    );
    assert_eq!(titles(title("MORNING")).await?, ["50 morning walks", "Morning Pages"]);
    assert_eq!(titles(title("0%")).await?, ["100% effort"], "a percent sign is a percent sign");
    assert_eq!(titles(Filter { knowledge_base_id: Some(sleep.id), ..Filter::default() }).await?, ["Night"]);
    assert!(titles(Filter { stage: Some(Stage::Ready), ..Filter::default() }).await?.is_empty());
    let folder_id = Some(coxswain_domain::FolderId::new(now()));
    assert!(titles(Filter { folder_id, ..Filter::default() }).await?.is_empty());
    let all = documents::list(&mut tx, mine.id, &Filter::default(), ALL).await?.items;
    assert_eq!(paged!(|page| documents::list(&mut tx, mine.id, &Filter::default(), page)), all);
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(documents::list(&mut tx, other.id, &Filter::default(), ALL).await?.items.is_empty());
    Ok(())
}

async fn what_a_person_may_change(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let (id, _) = add(db, mine, &habits, "Morning", 0).await?;
    let mut tx = db.write(mine.id).await?;
    let mut document = documents::get(&mut tx, mine.id, id).await?.context("the document")?;
    document.title = "Mornings".into();
    document.enabled = false;
    document.published_on = Some("1901-02-03".into());
    document.citation_url = None;
    document.updated_at = later(5);
    assert!(documents::update(&mut tx, later(5), mine.id, &document).await?);
    assert_eq!(documents::get(&mut tx, mine.id, id).await?, Some(document));
    Ok(())
}

async fn versions_are_numbered_and_listed(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let (id, first) = add(db, mine, &habits, "Morning", 0).await?;
    let mut tx = db.write(mine.id).await?;
    for number in 2..=4 {
        let new = NewVersion {
            id: VersionId::new(later(number)),
            document_id: id,
            file: file("again"),
            source_url: None,
        };
        assert_eq!(documents::add_version(&mut tx, later(number), mine.id, &new).await?, number);
    }
    let all = documents::list_versions(&mut tx, mine.id, id, ALL).await?.items;
    assert_eq!(all.iter().map(|version| version.number).collect::<Vec<_>>(), [4, 3, 2, 1]);
    assert_eq!(paged!(|page| documents::list_versions(&mut tx, mine.id, id, page)), all);
    assert_eq!(documents::version(&mut tx, mine.id, first).await?, all.last().cloned());
    assert_eq!(documents::file(&mut tx, mine.id, first).await?, Some(file("Morning")));
    assert!(documents::names_file(&mut tx, mine.id, "files/Morning").await?);
    assert!(!documents::names_file(&mut tx, mine.id, "files/Evening").await?);
    let document = documents::get(&mut tx, mine.id, id).await?.context("the document")?;
    assert_eq!((document.version.number, document.versions_count), (4, 4));
    Ok(())
}

async fn a_fetched_file_takes_the_place_of_none(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let (id, _) = add(db, mine, &habits, "Page", 0).await?;
    let version = VersionId::new(later(1));
    let empty = StoredFile { key: String::new(), bytes: 0, sha256: Vec::new(), ..file("page") };
    let source_url = Some("https://example.org/page".to_owned());
    let mut tx = db.write(mine.id).await?;
    let new = NewVersion { id: version, document_id: id, file: empty, source_url: source_url.clone() };
    documents::add_version(&mut tx, later(1), mine.id, &new).await?;
    documents::enqueue(&mut tx, later(1), mine.id, documents::FETCH_JOB, id, version).await?;
    assert_eq!(documents::file(&mut tx, mine.id, version).await?, None);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(!documents::fetched(&mut tx, later(2), other.id, version, &file("page.html")).await?);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(documents::fetched(&mut tx, later(2), mine.id, version, &file("page.html")).await?);
    assert_eq!(documents::file(&mut tx, mine.id, version).await?, Some(file("page.html")));
    let found = documents::version(&mut tx, mine.id, version).await?.context("the version")?;
    assert_eq!(found.source_url, source_url);
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert!(
        jobs::waiting(&mut tx, later(1), later(1))
            .await?
            .iter()
            .any(|found| found.kind == documents::FETCH_JOB)
    );
    assert!(
        !jobs::waiting(&mut tx, now(), now()).await?.iter().any(|found| found.kind == documents::FETCH_JOB)
    );
    Ok(())
}

async fn a_failed_version_can_be_queued_again(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let (_, version) = add(db, mine, &habits, "Page", 0).await?;
    let failure = Failure { code: "unreachable".into(), sentence: "The page did not answer.".into() };
    let mut tx = db.write(mine.id).await?;
    assert!(!documents::queue_again(&mut tx, later(1), mine.id, version).await?, "it has not failed");
    documents::fail_fetch(&mut tx, later(1), mine.id, version, &failure).await?;
    let failed = documents::version(&mut tx, mine.id, version).await?.context("the version")?;
    assert_eq!((failed.stage, failed.failure), (Stage::Failed, Some(failure)));
    assert!(documents::queue_again(&mut tx, later(2), mine.id, version).await?);
    let queued = documents::version(&mut tx, mine.id, version).await?.context("the version")?;
    assert_eq!((queued.stage, queued.failure), (Stage::Queued, None));
    Ok(())
}

async fn what_moves_is_told(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let (_, reading) = add(db, mine, &habits, "Reading", 0).await?;
    add(db, mine, &habits, "Waiting", 0).await?;
    add(db, mine, &habits, "Changed", 5).await?;
    let mut tx = db.write(mine.id).await?;
    ingestion::begin_parsing(&mut tx, mine.id, reading).await?;
    let moving = documents::moving(&mut tx, mine.id, later(4), 10).await?;
    let titles: Vec<_> = moving.iter().map(|document| document.title.as_str()).collect();
    assert_eq!(titles, ["Reading", "Changed"]);
    assert_eq!(documents::moving(&mut tx, mine.id, later(4), 1).await?.len(), 1);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(documents::moving(&mut tx, other.id, now(), 10).await?.is_empty());
    Ok(())
}

fn citation(document: DocumentId, version: VersionId, quote: &str) -> Citation {
    Citation {
        n: 1,
        document_id: document,
        version_id: version,
        version_number: 1,
        title: "Morning".into(),
        page: Some(3),
        heading: Some("Dawn".into()),
        start_ms: None,
        quote: quote.into(),
        url: Some("https://example.org/book".into()),
        chunk_id: ChunkId::new(now()),
        score: 0.5,
    }
}

/// An answer that quotes a document.
async fn answered(db: &Db, coach: Coach, text: &str, citation: Citation) -> Result<MessageId> {
    let person = coach.client(db, now(), None).await?;
    let mut tx = db.write(coach.id).await?;
    let message = NewMessage {
        conversation: person.conversation,
        turn: TurnId::new(now()),
        author: Author::Engine,
        text: "",
        status: MessageStatus::Streaming,
        client_message_id: None,
    };
    // Messages are younger than what they quote.
    let (_, message) = conversations::add_message(&mut tx, later(1), coach.id, message).await?;
    let end = Settled {
        status: MessageStatus::Done,
        text: text.into(),
        abstained: false,
        citations: vec![citation],
        problem: None,
    };
    conversations::settle(&mut tx, later(1), coach.id, message.id, &end).await?;
    tx.commit().await?;
    Ok(message.id)
}

async fn deleting_leaves_no_words_anywhere(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let habits = base(db, mine, "Habits").await?;
    let (id, version) = add(db, mine, &habits, "Morning", 0).await?;
    let (kept, kept_version) = add(db, mine, &habits, "Evening", 0).await?;
    let quoting = answered(db, mine, "It says: rise early.", citation(id, version, "rise early")).await?;
    let other = answered(db, mine, "It says: rest well.", citation(kept, kept_version, "rest well")).await?;
    let mut tx = db.write(mine.id).await?;
    documents::enqueue(&mut tx, now(), mine.id, documents::INGEST_JOB, id, version).await?;
    let removed = documents::remove(&mut tx, later(2), mine.id, id).await?.context("removed")?;
    assert_eq!(removed.documents, [id]);
    assert_eq!((removed.titles, removed.files), (vec!["Morning".into()], vec!["files/Morning".into()]));
    let (_, message) = conversations::message(&mut tx, mine.id, quoting).await?.context("the message")?;
    assert_eq!(message.text, "It says: […].");
    assert_eq!(message.citations[0].quote, "");
    assert_eq!((&message.citations[0].heading, &message.citations[0].url), (&None, &None));
    let (_, message) = conversations::message(&mut tx, mine.id, other).await?.context("the message")?;
    assert_eq!(
        (message.text.as_str(), message.citations[0].quote.as_str()),
        ("It says: rest well.", "rest well")
    );
    assert_eq!(documents::version(&mut tx, mine.id, version).await?, None);
    assert!(documents::exists(&mut tx, mine.id, kept).await?);
    tx.commit().await?;
    assert_eq!(jobs_of(db, mine.id).await?, [(documents::REMOVE_VECTORS_JOB.to_owned(), 1)]);
    Ok(())
}

async fn jobs_of(db: &Db, _creator: CreatorId) -> Result<Vec<(String, i64)>> {
    let mut tx = db.system_read().await?;
    Ok(jobs::depths(&mut tx).await?.into_iter().map(|depth| (depth.kind, depth.jobs)).collect())
}

async fn deleting_a_base_deletes_its_documents(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (habits, sleep) = (base(db, mine, "Habits").await?, base(db, mine, "Sleep").await?);
    add(db, mine, &habits, "One", 0).await?;
    add(db, mine, &habits, "Two", 0).await?;
    let (kept, _) = add(db, mine, &sleep, "Three", 0).await?;
    let mut tx = db.write(mine.id).await?;
    let removed = documents::remove_base(&mut tx, now(), mine.id, habits.id).await?;
    assert_eq!((removed.documents.len(), removed.files.len()), (2, 2));
    assert!(coxswain_store::bases::delete(&mut tx, mine.id, habits.id).await?);
    assert!(documents::exists(&mut tx, mine.id, kept).await?);
    assert_eq!(documents::remove(&mut tx, now(), mine.id, DocumentId(Uuid::nil())).await?, None);
    Ok(())
}
