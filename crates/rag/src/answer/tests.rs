use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChunkId, Clock, ConversationId, CreatorId, DocumentId, KnowledgeBaseId, SharedClock, VersionId,
    account::CreatorSettings,
    conversation::{ConversationEvent, ConversationKind, Message, MessageStatus},
    document::{DocumentKind, Part},
    fakes::ManualClock,
    ports::{ChatModel, EmbedError, Embedder, EmbeddingModel},
};
use coxswain_store::{
    Db, bases, chunks,
    conversations::{self, Accepted, Conversation, NewQuestion},
    creators, documents, gaps, indexes, ingestion, jobs,
    live::Live,
    page::Page,
    traces, usage,
    work::{Handler, JobError},
};
use coxswain_test_support::{
    db::TestDb,
    ollama::{FakeOllama, Script, closed_url},
};
use uuid::Uuid;

use super::*;
use crate::{
    analyse,
    index::EmbeddedIndex,
    ollama::{OllamaModel, OllamaSettings},
    retrieve::Retriever,
};

/// Texts that share words are near each other.
struct WordEmbedder(EmbeddingModel);

impl WordEmbedder {
    fn vector(text: &str) -> Vec<f32> {
        let mut vector = vec![0.01_f32; 64];
        for term in analyse::terms(text) {
            let place = blake3::hash(term.as_bytes()).as_bytes()[0] as usize % 64;
            vector[place] += 1.0;
        }
        let length = vector.iter().map(|component| component * component).sum::<f32>().sqrt();
        vector.iter().map(|component| component / length).collect()
    }
}

#[async_trait]
impl Embedder for WordEmbedder {
    fn model(&self) -> &EmbeddingModel {
        &self.0
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(Self::vector(text))
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|text| Self::vector(text)).collect())
    }
}

const HOURS: &str = "The first hour of the day decides the rest. Bennett gives it to the mind, before the newspaper. \
    Most people waste it in bed.";
const VIRTUES: &str = "Franklin chose thirteen virtues and gave each a week of strict attention. Order was the hardest for him.";
const ASKED: &str = "What does Bennett say about the first hour of the day?";

/// A creator with two pages, one conversation, and an engine.
struct Stage {
    db: TestDb,
    clock: Arc<ManualClock>,
    live: Live,
    creator: CreatorId,
    conversation: ConversationId,
    document: DocumentId,
    worker: Uuid,
    engine: AnswerEngine,
}

async fn knowledge(db: &Db, now: DateTime<Utc>, creator: CreatorId, texts: &[&str]) -> DocumentId {
    let embedder = WordEmbedder(EmbeddingModel { name: "words".into(), dimension: 64 });
    let mut tx = db.write(creator).await.unwrap();
    let base = bases::KnowledgeBase {
        id: KnowledgeBaseId::new(now),
        name: "habits".into(),
        description: String::new(),
        documents: 0,
        created_at: now,
    };
    bases::insert(&mut tx, creator, &base).await.unwrap();
    let index = indexes::ensure(&mut tx, creator, embedder.model(), now).await.unwrap();
    let (document, version) = (DocumentId::new(now), VersionId::new(now));
    let new = documents::NewDocument {
        id: document,
        knowledge_base_id: base.id,
        folder_id: None,
        title: "Habits".into(),
        kind: DocumentKind::Pdf,
        citation_url: None,
    };
    documents::insert(&mut tx, now, creator, &new).await.unwrap();
    let file = documents::StoredFile {
        key: String::new(),
        name: "habits.pdf".into(),
        kind: DocumentKind::Pdf,
        bytes: 1,
        sha256: Vec::new(),
    };
    let new = documents::NewVersion { id: version, document_id: document, file, source_url: None };
    documents::add_version(&mut tx, now, creator, &new).await.unwrap();
    let ingestion = ingestion::ingestion(&mut tx, creator, version).await.unwrap().unwrap();
    let parts: Vec<Part> = (1..)
        .zip(texts)
        .map(|(page, text)| Part { page: Some(page), text: (*text).to_owned(), ..Part::default() })
        .collect();
    ingestion::add_parts(&mut tx, creator, version, 0, &parts).await.unwrap();
    let home = chunks::Home { base: base.id, document, version };
    let new: Vec<chunks::NewChunk> =
        (0..).zip(texts).map(|(number, text)| chunk(now, number, text)).collect();
    chunks::insert(&mut tx, creator, home, &new).await.unwrap();
    for chunk in &new {
        let vector = WordEmbedder::vector(&chunk.text);
        chunks::put_vector(&mut tx, creator, index.id, chunk.id, &vector).await.unwrap();
    }
    ingestion::activate(&mut tx, now, creator, &ingestion).await.unwrap();
    tx.commit().await.unwrap();
    document
}

fn chunk(now: DateTime<Utc>, number: i64, text: &str) -> chunks::NewChunk {
    chunks::NewChunk {
        id: ChunkId::new(now),
        ordinal: number,
        part_number: number,
        start_byte: 0,
        end_byte: i64::try_from(text.len()).unwrap(),
        page: Some(number + 1),
        heading: None,
        start_ms: None,
        end_ms: None,
        text: text.to_owned(),
        text_hash: vec![0],
        terms: analyse::terms(text).join(" "),
    }
}

impl Stage {
    async fn with(model: Option<Arc<dyn ChatModel>>, settings: AnswerSettings) -> Self {
        let db = coxswain_test_support::db::sqlite().await.unwrap();
        let clock = Arc::new(ManualClock::at("2026-03-01T08:00:00Z".parse().unwrap()));
        let now = clock.now();
        let creator = creators::Creator {
            id: CreatorId::new(now),
            name: "Mira".into(),
            settings: CreatorSettings::default(),
            version: 1,
            created_at: now,
        };
        let mut tx = db.system().await.unwrap();
        creators::insert(&mut tx, &creator).await.unwrap();
        tx.commit().await.unwrap();
        let creator = creator.id;
        let document = knowledge(&db, now, creator, &[HOURS, VIRTUES]).await;
        let conversation = Conversation {
            id: ConversationId::new(now),
            kind: ConversationKind::Test,
            client_id: None,
            channel_account_id: None,
            member_id: None,
            title: String::new(),
            knowledge_base_ids: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        let mut tx = db.write(creator).await.unwrap();
        conversations::create(&mut tx, creator, &conversation).await.unwrap();
        tx.commit().await.unwrap();
        let live = Live::default();
        let embedder: Arc<dyn Embedder> =
            Arc::new(WordEmbedder(EmbeddingModel { name: "words".into(), dimension: 64 }));
        let index = Arc::new(EmbeddedIndex::new(db.clone(), usize::MAX));
        let parts = AnswerParts {
            db: db.clone(),
            clock: Arc::clone(&clock) as SharedClock,
            live: live.clone(),
            retriever: Retriever::new(db.clone(), Arc::clone(&embedder), index),
            embedder,
            model,
            settings,
        };
        let engine = AnswerEngine::new(parts);
        let conversation = conversation.id;
        Self { db, clock, live, creator, conversation, document, worker: Uuid::new_v4(), engine }
    }

    async fn on(server: &FakeOllama) -> Self {
        Self::with(Some(model(&server.url())), AnswerSettings::default()).await
    }

    /// Takes a question in; this process holds its job.
    async fn ask(&self, text: &str) -> Accepted {
        self.clock.advance(chrono::Duration::seconds(1));
        let new = NewQuestion {
            conversation: self.conversation,
            kind: ConversationKind::Test,
            text,
            client_message_id: None,
        };
        let lease = jobs::Lease { worker: self.worker, length: chrono::Duration::seconds(30) };
        let mut tx = self.db.write(self.creator).await.unwrap();
        let accepted =
            conversations::accept_message(&mut tx, self.clock.now(), self.creator, new, Some(lease))
                .await
                .unwrap();
        tx.commit().await.unwrap();
        accepted
    }

    async fn run(&self, accepted: &Accepted) -> Message {
        self.engine.run(accepted.job.as_ref().unwrap(), self.worker).await.unwrap();
        self.reply(accepted).await
    }

    async fn answer(&self, text: &str) -> Message {
        let accepted = self.ask(text).await;
        self.run(&accepted).await
    }

    async fn reply(&self, accepted: &Accepted) -> Message {
        let mut tx = self.db.read(self.creator).await.unwrap();
        conversations::message(&mut tx, self.creator, accepted.reply.1.id).await.unwrap().unwrap().1
    }
}

fn model(url: &str) -> Arc<dyn ChatModel> {
    let mut settings = OllamaSettings::new(url.parse().unwrap(), "llama3.2");
    settings.first_token = Duration::from_millis(400);
    settings.idle = Duration::from_millis(400);
    Arc::new(OllamaModel::new(settings).unwrap())
}

async fn server(scripts: Vec<Script>) -> FakeOllama {
    FakeOllama::start(&["llama3.2:latest"], scripts).await.unwrap()
}

#[tokio::test]
async fn without_a_model_the_best_sentence_is_quoted() {
    let stage = Stage::with(None, AnswerSettings::default()).await;
    let reply = stage.answer(ASKED).await;
    assert_eq!(reply.status, MessageStatus::Done);
    assert!(!reply.abstained);
    let citation = &reply.citations[0];
    assert!(HOURS.contains(&citation.quote) && reply.text.contains(&citation.quote), "{reply:?}");
    assert_eq!((citation.page, citation.title.as_str()), (Some(1), "Habits"));
}

#[tokio::test]
async fn an_answer_streams_is_checked_and_leaves_its_books() {
    let text = "Bennett gives the first hour to the mind [1]. He also owned a yacht in Marseille [2].";
    let server = server(vec![Script::says(text).evaluated(900)]).await;
    let stage = Stage::on(&server).await;
    let mut joined = stage.live.join(stage.conversation);
    let accepted = stage.ask(ASKED).await;
    let reply = stage.run(&accepted).await;
    assert_eq!(
        reply.text,
        "Bennett gives the first hour to the mind [1]. He also owned a yacht in Marseille."
    );
    assert_eq!(reply.citations.len(), 1);
    assert_eq!(reply.citations[0].quote, "Bennett gives it to the mind, before the newspaper.");

    let (mut streamed, mut last) = (String::new(), None);
    while let Ok(event) = joined.events.try_recv() {
        match event {
            ConversationEvent::Delta { text, .. } => streamed.push_str(&text),
            ConversationEvent::Message { message, .. } => last = Some(message),
            ConversationEvent::Changed | ConversationEvent::Writing => {}
        }
    }
    assert_eq!(streamed, text);
    assert_eq!(*last.unwrap(), reply);

    let mut tx = stage.db.read(stage.creator).await.unwrap();
    let trace = traces::get(&mut tx, stage.creator, reply.id).await.unwrap().unwrap();
    assert_eq!(trace.dropped.len(), 1);
    assert_eq!(trace.model.as_deref(), Some("llama3.2"));
    assert_eq!(trace.passages[0].text.as_deref(), Some(HOURS));
    assert_eq!(trace.prompt.unwrap().evaluated, Some(900));
    let total = usage::total(&mut tx, stage.creator, DateTime::<Utc>::MIN_UTC).await.unwrap();
    assert_eq!((total.prompt_tokens, total.answers), (900, 1));
}

#[tokio::test]
async fn each_fault_of_the_model_ends_in_a_sentence_and_the_next_question_works() {
    let said = "Bennett gives the first hour to the mind [1].";
    let faults = [
        (Script::says(said).cut_after(4), "model_broken", true),
        (Script::says(said).end_after(4), "model_broken", true),
        (Script::says(said).malformed_after(4), "model_broken", true),
        (Script::says(said).error_after(4, "llama runner process has terminated"), "model_refused", true),
        (Script::says(said).hang_after(4), "model_timeout", true),
        (Script::says(said).slow_first(Duration::from_mins(1)), "model_timeout", false),
        (Script::says(said).evaluated(40), "context_cut", false),
        (Script::missing("llama3.2"), "model_missing", false),
        (Script::refuses(500, "out of memory"), "model_refused", false),
    ];
    for (script, code, keeps_text) in faults {
        let server = server(vec![script.clone(), Script::says(said)]).await;
        let stage = Stage::on(&server).await;
        let broken = stage.answer(ASKED).await;
        assert_eq!(broken.status, MessageStatus::Failed, "{script:?}");
        let problem = broken.problem.unwrap();
        assert_eq!(problem.code, code, "{script:?}");
        assert!(problem.sentence.ends_with('.'), "{problem:?}");
        assert_eq!(broken.text == "Bennett gives the first", keeps_text, "{script:?} {:?}", broken.text);
        let next = stage.answer(ASKED).await;
        assert_eq!((next.status, next.text.as_str()), (MessageStatus::Done, said), "{script:?}");
    }
}

#[tokio::test]
async fn a_missing_model_says_how_to_get_it() {
    let server = server(vec![Script::missing("llama3.2")]).await;
    let reply = Stage::on(&server).await.answer(ASKED).await;
    assert!(reply.problem.unwrap().sentence.contains("`ollama pull llama3.2`"));
}

#[tokio::test]
async fn a_server_that_is_not_there_leaves_quotes() {
    let stage = Stage::with(Some(model(&closed_url().await.unwrap())), AnswerSettings::default()).await;
    let reply = stage.answer(ASKED).await;
    assert_eq!(reply.status, MessageStatus::Done);
    assert!(HOURS.contains(&reply.citations[0].quote));
}

#[tokio::test]
async fn what_the_knowledge_does_not_cover_becomes_a_gap() {
    let server = server(vec![Script::says("NO_ANSWER")]).await;
    let stage = Stage::on(&server).await;
    let mut joined = stage.live.join(stage.conversation);
    let far = stage.answer("Which submarine cable connects Tonga with Fiji?").await;
    let near = stage.answer(ASKED).await;
    let message = CreatorSettings::default().no_answer_message;
    for reply in [&far, &near] {
        assert!(reply.abstained && reply.citations.is_empty());
        assert_eq!((reply.status, &reply.text), (MessageStatus::Done, &message));
    }
    while let Ok(event) = joined.events.try_recv() {
        if let ConversationEvent::Delta { text, .. } = event {
            assert!(!text.contains("NO_"), "{text}");
        }
    }
    assert_eq!(server.requests().len(), 1, "a far-off question costs no call");
    let mut tx = stage.db.read(stage.creator).await.unwrap();
    let listed = gaps::list(&mut tx, stage.creator, Page { limit: 10, after: None }).await.unwrap();
    let reasons: Vec<_> = listed.items.iter().map(|gap| gap.reason.as_str()).collect();
    assert_eq!(reasons, ["not_in_passages", "low_confidence"]);
    assert_eq!(listed.items[0].question, ASKED);
}

#[tokio::test]
async fn stopping_keeps_what_had_come() {
    let server =
        server(vec![Script::tokens(500).slow(Duration::from_millis(5)), Script::says("Fine [1].")]).await;
    let stage = Stage::on(&server).await;
    let accepted = stage.ask(ASKED).await;
    let mut joined = stage.live.join(stage.conversation);
    let stop = async {
        loop {
            if let Ok(ConversationEvent::Delta { .. }) = joined.events.recv().await {
                return stage.live.cancel(stage.conversation);
            }
        }
    };
    let (reply, ()) = tokio::join!(stage.run(&accepted), stop);
    assert_eq!(reply.status, MessageStatus::Cancelled);
    assert!(reply.text.starts_with("word0") && !reply.text.contains("word499"), "{}", reply.text);
    assert_eq!(stage.answer(ASKED).await.status, MessageStatus::Done);
}

#[tokio::test]
async fn a_reply_that_is_final_already_is_not_answered_again() {
    let server = server(vec![Script::says("Fine [1].")]).await;
    let stage = Stage::on(&server).await;
    let accepted = stage.ask(ASKED).await;
    let mut tx = stage.db.write(stage.creator).await.unwrap();
    conversations::cancel_streaming(&mut tx, stage.clock.now(), stage.creator, stage.conversation)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let reply = stage.run(&accepted).await;
    assert_eq!(reply.status, MessageStatus::Cancelled);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_second_attempt_starts_over_and_answers_once() {
    let server = server(vec![Script::says("Bennett gives the first hour to the mind [1].")]).await;
    let stage = Stage::on(&server).await;
    let accepted = stage.ask(ASKED).await;
    // The first attempt died with half a sentence written.
    let mut tx = stage.db.write(stage.creator).await.unwrap();
    conversations::grow(&mut tx, stage.creator, accepted.reply.1.id, "Bennett gives").await.unwrap();
    tx.commit().await.unwrap();
    let mut job = accepted.job.clone().unwrap();
    job.attempts = 2;
    let mut joined = stage.live.join(stage.conversation);
    stage.engine.run(&job, stage.worker).await.unwrap();
    match joined.events.try_recv().unwrap() {
        ConversationEvent::Message { message, .. } => assert_eq!(message.text, ""),
        other => panic!("{other:?}"),
    }
    let reply = stage.reply(&accepted).await;
    assert_eq!(reply.text, "Bennett gives the first hour to the mind [1].");
    // The one that was thought dead cannot settle it again.
    assert!(matches!(stage.engine.run(&job, Uuid::new_v4()).await, Err(JobError::Lost)));
    assert_eq!(stage.reply(&accepted).await, reply);
}

#[tokio::test]
async fn a_question_given_up_is_told_and_the_conversation_goes_on() {
    let server = server(vec![Script::says("Fine [1].")]).await;
    let stage = Stage::on(&server).await;
    let accepted = stage.ask(ASKED).await;
    let job = accepted.job.as_ref().unwrap();
    stage.engine.gave_up(job, "its worker died 3 times").await.unwrap();
    let reply = stage.reply(&accepted).await;
    assert_eq!((reply.status, reply.problem.unwrap().code.as_str()), (MessageStatus::Failed, "not_answered"));
    let mut tx = stage.db.system().await.unwrap();
    jobs::bury(&mut tx, stage.clock.now(), job.id, stage.worker, "died").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stage.answer(ASKED).await.status, MessageStatus::Done);
}

#[tokio::test]
async fn a_document_deleted_while_the_answer_is_written_is_not_quoted() {
    let text = "Bennett gives the first hour to the mind [1].";
    let server = server(vec![Script::says(text).slow_first(Duration::from_millis(150))]).await;
    let stage = Stage::on(&server).await;
    let accepted = stage.ask(ASKED).await;
    let delete = async {
        while server.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut tx = stage.db.write(stage.creator).await.unwrap();
        documents::remove(&mut tx, stage.clock.now(), stage.creator, stage.document).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (reply, ()) = tokio::join!(stage.run(&accepted), delete);
    assert!(reply.citations.is_empty());
    assert_eq!(reply.text, "Bennett gives the first hour to the mind.");
    let mut tx = stage.db.read(stage.creator).await.unwrap();
    let trace = traces::get(&mut tx, stage.creator, reply.id).await.unwrap().unwrap();
    assert!(trace.passages.iter().all(|passage| passage.text.is_none() && passage.title.is_none()));
}

#[tokio::test]
async fn a_follow_up_finds_what_it_leans_on() {
    let server = server(vec![Script::says("Fine [1].")]).await;
    let stage = Stage::on(&server).await;
    stage.answer("Which virtues did Franklin choose?").await;
    let reply = stage.answer("Which one was hardest for him?").await;
    let mut tx = stage.db.read(stage.creator).await.unwrap();
    let trace = traces::get(&mut tx, stage.creator, reply.id).await.unwrap().unwrap();
    assert!(trace.rewrite.unwrap().contains("Franklin"));
    assert_eq!(trace.passages[0].text.as_deref(), Some(VIRTUES));
    let sent = server.requests();
    let turns = sent[1]["messages"].as_array().unwrap();
    assert_eq!(turns[1]["content"], "Which virtues did Franklin choose?");
    assert!(turns.last().unwrap()["content"].as_str().unwrap().contains("<passage n=\"1\""));
}
