//! Documents come in, change, and go without a trace.

use anyhow::{Context, Result, ensure};
use coxswain_domain::{
    ChunkId, Clock, ConversationId, DocumentId, VersionId,
    citation::Citation,
    conversation::{ConversationKind, MessageStatus},
    document::Part,
};
use coxswain_store::{
    conversations::{self, Conversation, NewQuestion, Settled},
    documents::{self, INGEST_JOB, REMOVE_VECTORS_JOB},
    ingestion::{self, Ingestion},
    jobs::{self, Lease},
};
use coxswain_test_support::db::TestDb;
use futures::StreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Login, UPLOAD, now, text};

coxswain_test_support::contract! {
    an_upload_is_stored_and_queued,
    a_repeat_makes_no_second_document,
    what_cannot_be_read_is_refused_at_once,
    an_upload_is_bounded,
    a_new_version_waits_its_turn,
    a_failed_version_can_be_tried_again,
    text_shows_its_chunks,
    pages_and_files_are_handed_out_safely,
    deleting_leaves_nothing,
    deleting_a_base_deletes_its_documents,
    folders_stay_within_their_base,
    lists_can_be_narrowed_and_paged,
    the_sample_can_be_loaded,
    changes_are_streamed,
}

fn path(document: &Value, rest: &str) -> String {
    format!("/api/v1/documents/{}{rest}", text(&document["id"]))
}

fn worker() -> Lease {
    Lease { worker: Uuid::from_u128(1), length: chrono::Duration::seconds(30) }
}

/// Plays the reader of files: makes the newest version of a document answer with this text.
async fn ingest(app: &App, login: &Login, document: &Value, said: &str) -> Result<()> {
    let creator = login.creator;
    let version: VersionId = text(&document["version"]["id"]).parse()?;
    let mut tx = app.db.write(creator).await?;
    let ingestion: Ingestion = ingestion::ingestion(&mut tx, creator, version).await?.context("a version")?;
    let part = Part { page: Some(1), text: said.to_owned(), ..Part::default() };
    ingestion::add_parts(&mut tx, creator, version, 0, &[part]).await?;
    ingestion::activate(&mut tx, now(), creator, &ingestion).await?;
    tx.commit().await?;
    app.progress.changed(creator, ingestion.document);
    Ok(())
}

async fn queued(app: &App, kind: &str) -> Result<usize> {
    let mut tx = app.db.system().await?;
    let mut found = 0;
    while jobs::claim(&mut tx, app.clock.now(), kind, worker()).await?.is_some() {
        found += 1;
    }
    // Not committed: they stay.
    Ok(found)
}

async fn an_upload_is_stored_and_queued(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let document = app.upload(&owner, "My_first habits.md", b"# Habits").await?;
    ensure!(document["title"] == "My first habits" && document["kind"] == "markdown");
    let version = &document["version"];
    ensure!(version["stage"] == "queued" && version["bytes"] == 8 && version["number"] == 1, "{version}");
    ensure!(app.stored()? == 1 && queued(&app, INGEST_JOB).await? == 1);
    let file = app.get(&path(&document, "/file")).by(&owner).send().await?;
    ensure!(&file.body[..] == b"# Habits");
    Ok(())
}

async fn a_repeat_makes_no_second_document(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let base = app.base(&owner).await?;
    let send = async |bytes: &[u8]| {
        let call = app.post("/api/v1/documents").by(&owner).header("idempotency-key", "drop-1");
        call.form(&[("knowledge_base_id", &base)], Some(("a.md", bytes))).send().await
    };
    let first = send(b"# A").await?.expect(202)?;
    let again = send(b"# A").await?;
    ensure!(again.expect(202)? == first && again.headers["idempotent-replayed"] == "true");
    send(b"# B").await?.problem(422, "idempotency_key_reused")?;
    ensure!(app.stored()? == 1 && queued(&app, INGEST_JOB).await? == 1);

    let make = async || {
        let call = app.post("/api/v1/knowledge-bases").by(&owner).header("idempotency-key", "base-1");
        call.json(&json!({ "name": "Habits" })).send().await?.expect(201)
    };
    ensure!(make().await? == make().await?);
    Ok(())
}

async fn what_cannot_be_read_is_refused_at_once(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let base = app.base(&owner).await?;
    let send = async |fields: &[(&str, &str)], file: Option<(&str, &[u8])>| {
        app.post("/api/v1/documents").by(&owner).form(fields, file).send().await
    };
    let fields = [("knowledge_base_id", base.as_str())];
    let problem = send(&fields, Some(("song.mp3", b"la"))).await?.problem(415, "unsupported_format")?;
    ensure!(text(&problem["detail"]).contains("EPUB"), "it says what can be read");
    for (fields, file, pointer) in [
        (&fields[..], None, "/file"),
        (&fields[..], Some(("a.md", &b""[..])), "/file"),
        (&[][..], Some(("a.md", &b"# A"[..])), "/knowledge_base_id"),
        (&[("knowledge_base_id", "nonsense")][..], None, "/knowledge_base_id"),
        (&[("knowledge_base", base.as_str())][..], None, "/knowledge_base"),
    ] {
        let problem = send(fields, file).await?.problem(422, "validation")?;
        ensure!(problem["errors"][0]["pointer"] == pointer, "{problem}");
    }
    ensure!(app.stored()? == 0);
    Ok(())
}

async fn an_upload_is_bounded(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let base = app.base(&owner).await?;
    let send = async |bytes: u64| {
        let file = vec![b'a'; usize::try_from(bytes)?];
        let call = app.post("/api/v1/documents").by(&owner);
        anyhow::Ok(call.form(&[("knowledge_base_id", &base)], Some(("a.txt", &file))).send().await?)
    };
    send(UPLOAD + 1).await?.problem(413, "too_large")?;
    ensure!(app.stored()? == 0, "nothing of it stays");
    send(UPLOAD).await?.expect(202)?;
    Ok(())
}

async fn a_new_version_waits_its_turn(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let document = app.upload(&owner, "a.md", b"# A").await?;
    ingest(&app, &owner, &document, "First.").await?;
    app.clock.advance(chrono::Duration::seconds(1));
    let call = app.post(&path(&document, "/versions")).by(&owner).form(&[], Some(("b.txt", b"B")));
    let newer = call.send().await?.expect(202)?;
    ensure!(
        newer["version"]["number"] == 2 && newer["version"]["active"] == false && newer["kind"] == "text"
    );
    let versions = app.get(&path(&document, "/versions")).by(&owner).send().await?.expect(200)?;
    ensure!(versions["items"][1]["active"] == true, "the one before still answers");
    let parts = app.get(&path(&document, "/parts")).by(&owner).send().await?.expect(200)?;
    ensure!(parts["items"][0]["text"] == "First.", "and is what is shown");
    ingest(&app, &owner, &newer, "Second.").await?;
    let now = app.get(&path(&document, "")).by(&owner).send().await?.expect(200)?;
    ensure!(now["version"]["active"] == true && now["versions_count"] == 2);
    Ok(())
}

async fn a_failed_version_can_be_tried_again(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let document = app.upload(&owner, "a.md", b"# A").await?;
    app.post(&path(&document, "/retry")).by(&owner).send().await?.problem(409, "not_failed")?;
    let failure = documents::Failure { code: "damaged".into(), sentence: "It is damaged.".into() };
    let mut tx = app.db.write(owner.creator).await?;
    ingestion::fail(&mut tx, now(), owner.creator, text(&document["version"]["id"]).parse()?, &failure)
        .await?;
    tx.commit().await?;
    let failed = app.get("/api/v1/documents?stage=failed").by(&owner).send().await?.expect(200)?;
    ensure!(failed["items"][0]["version"]["failure"]["sentence"] == "It is damaged.");
    let home = app.get("/api/v1/home").by(&owner).send().await?.expect(200)?;
    ensure!(home["attention"][0]["kind"] == "documents_failed", "{home}");
    let again = app.post(&path(&document, "/retry")).by(&owner).send().await?.expect(202)?;
    ensure!(again["version"]["stage"] == "queued" && again["version"]["failure"].is_null());
    Ok(())
}

async fn text_shows_its_chunks(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let document = app.upload(&owner, "a.md", b"# A").await?;
    ingest(&app, &owner, &document, "Row. 🚣 Rest.").await?;
    let all = app.get(&path(&document, "/parts?limit=1")).by(&owner).send().await?.expect(200)?;
    ensure!(all["items"][0]["page"] == 1 && all["next_cursor"].is_null(), "{all}");
    app.get(&path(&document, "/parts?limit=0")).by(&owner).send().await?.problem(422, "validation")?;
    let elsewhere = VersionId::new(now());
    let foreign = format!("/parts?version_id={elsewhere}");
    app.get(&path(&document, &foreign)).by(&owner).send().await?.problem(404, "not_found")?;
    Ok(())
}

async fn pages_and_files_are_handed_out_safely(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let page = app.upload(&owner, "x.html", b"<script>alert(1)</script>").await?;
    let file = app.get(&path(&page, "/file")).by(&owner).send().await?;
    file.expect(200)?;
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "attachment; filename=\"x.html\"; filename*=UTF-8''x.html"),
    ] {
        ensure!(file.headers[header] == value, "{header}: {:?}", file.headers[header]);
    }
    app.get(&path(&page, "/pages/1.png")).by(&owner).send().await?.problem(404, "not_found")?;
    let pdf = app.upload(&owner, "x.pdf", b"%PDF").await?;
    let image = app.get(&path(&pdf, "/pages/2.png?width=300")).by(&owner).send().await?;
    ensure!(image.text() == "page 2 at 300 of 4 bytes" && image.headers["content-type"] == "image/png");
    for rest in ["/pages/13.png", "/pages/0.png", "/pages/1.jpg", "/pages/-1.png"] {
        app.get(&path(&pdf, rest)).by(&owner).send().await?.problem(404, "not_found")?;
    }
    app.get(&path(&pdf, "/pages/1.png?width=9000")).by(&owner).send().await?.problem(422, "validation")?;
    Ok(())
}

/// Lets the engine quote a document in an answer; the answer's conversation.
async fn quote(app: &App, login: &Login, document: &Value, said: &str) -> Result<String> {
    let (creator, now) = (login.creator, app.clock.now());
    let conversation = Conversation {
        id: ConversationId::new(now),
        kind: ConversationKind::Test,
        client_id: None,
        channel_account_id: None,
        member_id: None,
        title: "What?".into(),
        knowledge_base_ids: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let citation = Citation {
        n: 1,
        document_id: text(&document["id"]).parse()?,
        version_id: text(&document["version"]["id"]).parse()?,
        version_number: 1,
        title: "Secrets".into(),
        page: Some(1),
        heading: None,
        start_ms: None,
        quote: said.into(),
        url: Some("https://a.test".into()),
        chunk_id: ChunkId::new(now),
        score: 0.5,
    };
    let end = Settled {
        status: MessageStatus::Done,
        text: format!("They say: {said} [1]"),
        abstained: false,
        citations: vec![citation],
        problem: None,
    };
    let mut tx = app.db.write(creator).await?;
    conversations::create(&mut tx, creator, &conversation).await?;
    let question = NewQuestion {
        conversation: conversation.id,
        kind: ConversationKind::Test,
        text: "What?",
        client_message_id: None,
    };
    let asked = conversations::accept_message(&mut tx, now, creator, question, None).await?;
    conversations::settle(&mut tx, now, creator, asked.reply.1.id, &end).await?.context("an open reply")?;
    tx.commit().await?;
    Ok(conversation.id.to_string())
}

async fn deleting_leaves_nothing(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let document = app.upload(&owner, "secret.md", b"# The heron waits.").await?;
    let kept = app.upload(&owner, "kept.md", b"# Kept").await?;
    ingest(&app, &owner, &document, "The heron waits.").await?;
    app.clock.advance(chrono::Duration::seconds(1));
    let conversation = quote(&app, &owner, &document, "The heron waits.").await?;
    let other = quote(&app, &owner, &kept, "Kept words.").await?;
    ensure!(app.delete(&path(&document, "")).by(&owner).send().await?.status == 204);

    app.get(&path(&document, "")).by(&owner).send().await?.problem(404, "not_found")?;
    app.get(&path(&document, "/file")).by(&owner).send().await?.problem(404, "not_found")?;
    ensure!(app.stored()? == 1, "its file is gone, the other's stays");
    let messages =
        app.get(&format!("/api/v1/conversations/{conversation}/messages")).by(&owner).send().await?;
    ensure!(
        !messages.text().contains("heron") && !messages.text().contains("Secrets"),
        "{}",
        messages.text()
    );
    ensure!(messages.json()["items"][1]["citations"][0]["quote"] == "");
    ensure!(messages.json()["items"][1]["text"] == "They say: […] [1]");
    let messages = app.get(&format!("/api/v1/conversations/{other}/messages")).by(&owner).send().await?;
    ensure!(messages.text().contains("Kept words."), "only the deleted document's words go");
    let id: DocumentId = text(&document["id"]).parse()?;
    let mut tx = app.db.read(owner.creator).await?;
    let version = text(&document["version"]["id"]).parse()?;
    ensure!(!documents::exists(&mut tx, owner.creator, id).await?);
    ensure!(documents::version(&mut tx, owner.creator, version).await?.is_none());
    ensure!(documents::parts(&mut tx, owner.creator, version, None, 10).await?.0.is_empty());
    drop(tx);
    ensure!(queued(&app, REMOVE_VECTORS_JOB).await? == 1, "an outside index is told");
    ensure!(queued(&app, INGEST_JOB).await? == 1, "nobody reads it any more, only the other");
    Ok(())
}

async fn deleting_a_base_deletes_its_documents(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let document = app.upload(&owner, "a.md", b"# A").await?;
    app.clock.advance(chrono::Duration::seconds(1));
    let conversation = quote(&app, &owner, &document, "The heron waits.").await?;
    let base = app.base(&owner).await?;
    ensure!(app.delete(&format!("/api/v1/knowledge-bases/{base}")).by(&owner).send().await?.status == 204);
    ensure!(app.stored()? == 0);
    let messages =
        app.get(&format!("/api/v1/conversations/{conversation}/messages")).by(&owner).send().await?;
    ensure!(!messages.text().contains("heron"));
    Ok(())
}

async fn folders_stay_within_their_base(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let base = app.base(&owner).await?;
    let other = app
        .post("/api/v1/knowledge-bases")
        .by(&owner)
        .json(&json!({ "name": "Other" }))
        .send()
        .await?
        .expect(201)?;
    let make = async |base: &str, body: Value| {
        app.post(&format!("/api/v1/knowledge-bases/{base}/folders")).by(&owner).json(&body).send().await
    };
    let outer = text(&make(&base, json!({ "name": "Outer" })).await?.expect(201)?["id"]);
    let inner = text(&make(&base, json!({ "name": "Inner", "parent_id": outer })).await?.expect(201)?["id"]);
    make(&text(&other["id"]), json!({ "name": "x", "parent_id": outer }))
        .await?
        .problem(422, "validation")?;
    let move_outer = app.patch(&format!("/api/v1/folders/{outer}")).by(&owner);
    move_outer.json(&json!({ "parent_id": inner })).send().await?.problem(422, "validation")?;
    let document = app.upload(&owner, "a.md", b"# A").await?;
    let put = app.patch(&path(&document, "")).by(&owner).json(&json!({ "folder_id": inner }));
    ensure!(put.send().await?.expect(200)?["folder_id"] == inner);
    ensure!(app.delete(&format!("/api/v1/folders/{outer}")).by(&owner).send().await?.status == 204);
    let document = app.get(&path(&document, "")).by(&owner).send().await?.expect(200)?;
    ensure!(document["folder_id"].is_null(), "its documents stay, at the top");
    make(&base, json!({ "name": "Habits" })).await?.expect(201)?;
    let twice =
        app.post("/api/v1/knowledge-bases").by(&owner).json(&json!({ "name": "OTHER " })).send().await?;
    twice.problem(409, "name_taken")?;
    Ok(())
}

async fn lists_can_be_narrowed_and_paged(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    for name in ["100% effort.md", "Rest.md", "Rowing_slowly.md"] {
        app.clock.advance(chrono::Duration::seconds(1));
        app.upload(&owner, name, b"# A").await?;
    }
    let titles = async |query: &str| {
        let page = app.get(&format!("/api/v1/documents?{query}")).by(&owner).send().await?.expect(200)?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        anyhow::Ok((
            items.iter().map(|item| text(&item["title"])).collect::<Vec<_>>(),
            text(&page["next_cursor"]),
        ))
    };
    ensure!(titles("q=ROW").await?.0 == ["Rowing slowly"]);
    ensure!(titles("q=%25").await?.0 == ["100% effort"], "a percent sign means itself");
    ensure!(titles("stage=ready").await?.0.is_empty());
    let (mut seen, mut cursor) = titles("limit=2").await?;
    while !cursor.is_empty() {
        app.clock.advance(chrono::Duration::seconds(1));
        app.upload(&owner, "Newer.md", b"# N").await?;
        let (more, next) = titles(&format!("limit=2&cursor={cursor}")).await?;
        seen.extend(more);
        cursor = next;
    }
    seen.sort();
    ensure!(seen == ["100% effort", "Rest", "Rowing slowly"], "{seen:?}");
    app.get("/api/v1/documents?cursor=x").by(&owner).send().await?.problem(422, "validation")?;
    Ok(())
}

async fn the_sample_can_be_loaded(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let base = app.base(&owner).await?;
    let loaded =
        app.post(&format!("/api/v1/knowledge-bases/{base}/sample")).by(&owner).send().await?.expect(202)?;
    ensure!(loaded["items"][0]["title"] == "The Steady Water Handbook");
    let words = app.get(&path(&loaded["items"][0], "/file")).by(&owner).send().await?.text();
    ensure!(words.split_whitespace().count() > 2000);
    Ok(())
}

async fn changes_are_streamed(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let response = app.get("/api/v1/documents/events").by(&owner).open().await?;
    let mut stream = response.into_body().into_data_stream();
    let mut seen = String::new();
    let mut until = async |words: &str| {
        let found = tokio::time::timeout(std::time::Duration::from_secs(20), async {
            while !seen.contains(words) {
                let chunk = stream.next().await.context("the stream ended")??;
                seen.push_str(&String::from_utf8_lossy(&chunk));
            }
            anyhow::Ok(())
        });
        found.await.with_context(|| format!("waited for {words}"))?
    };
    let document = app.upload(&owner, "a.md", b"# A").await?;
    until("\"stage\":\"queued\"").await?;
    ingest(&app, &owner, &document, "Now.").await?;
    until("\"stage\":\"ready\"").await?;
    app.delete(&path(&document, "")).by(&owner).send().await?;
    until("event: document.deleted").await?;
    Ok(())
}
