//! Files in the widget: received by their content, sent once, honestly answered, and nobody else's to read.

use anyhow::{Context, Result};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use coxswain_domain::{MemberId, attachment::AttachmentKind, channel::WidgetSettings};
use coxswain_store::{channel_accounts::ChannelAccount, conversations};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::app::{Answer, App, Client, HOST_PAGE};

coxswain_test_support::contract!(
    a_file_is_received_sent_and_honestly_answered,
    files_and_words_are_sent_once,
    a_file_is_what_its_content_says,
    a_person_who_took_over_is_not_talked_over,
    only_the_own_conversations_files_are_read,
    what_is_taken_back_leaves_the_disk,
    too_much_is_refused_and_leaves_nothing,
    the_transcript_names_files,
);

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";
const PDF: &[u8] = b"%PDF-1.7\nand so on";

/// Sends a file; the answer.
async fn upload(app: &App, client: &Client<'_>, id: Uuid, name: &str, content: &[u8]) -> Result<Answer> {
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("/w/attachments/{id}?name={name}"))
        .header("host", "coxswain.example")
        .header("authorization", &client.bearer)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/octet-stream")
        .body(Body::from(content.to_vec()))?;
    let response = app.router.clone().oneshot(request).await?;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await?;
    Ok(Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec())? })
}

async fn send(client: &Client<'_>, text: &str, files: &[Uuid], id: Uuid) -> Result<Answer> {
    let body = json!({"text": text, "client_message_id": id, "attachments": files});
    client.call(Method::POST, "/w/messages", Some(body)).await
}

async fn widget(app: &App, kinds: &[AttachmentKind]) -> Result<ChannelAccount> {
    app.widget_with(WidgetSettings {
        allowed_origins: vec![HOST_PAGE.to_owned()],
        attachment_kinds: kinds.to_vec(),
        ..WidgetSettings::default()
    })
    .await
}

/// How many files lie on the disk, half-received ones among them.
fn on_disk(app: &App) -> Result<usize> {
    let mut count = 0;
    for creator in std::fs::read_dir(app.folder.path())? {
        count += std::fs::read_dir(creator?.path())?.count();
    }
    Ok(count)
}

fn said(conversation: &Value) -> Vec<(&str, &str)> {
    let messages = conversation["messages"].as_array().into_iter().flatten();
    messages
        .map(|one| (one["author"].as_str().unwrap_or_default(), one["text"].as_str().unwrap_or_default()))
        .collect()
}

async fn a_file_is_received_sent_and_honestly_answered(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let id = Uuid::new_v4();
    let first = upload(&app, &client, id, "plan.PDF", PDF).await?;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let again = upload(&app, &client, id, "plan.PDF", PDF).await?;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.json()));
    assert_eq!((&first.json()["kind"], &first.json()["bytes"]), (&json!("pdf"), &json!(PDF.len())));
    assert_eq!(on_disk(&app)?, 1);
    assert_eq!(client.conversation().await?["messages"], json!([]), "it is not said yet");

    let sent = send(&client, "", &[id], Uuid::new_v4()).await?;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
    assert_eq!(sent.json()["message"]["attachments"][0]["name"], "plan.PDF");
    assert_eq!((&sent.json()["files"], &sent.json()["reply_id"]), (&Value::Null, &Value::Null));
    let kept = client.conversation().await?;
    // The client's browser speaks German.
    let told = "Dateien kann ich noch nicht öffnen; bitte schreib mir, worum es geht.";
    assert_eq!(said(&kept), [("client", "📎 plan.PDF"), ("engine", told)]);
    assert_eq!(kept["messages"][0]["attachments"], sent.json()["message"]["attachments"]);

    let fetched = client.call(Method::GET, &format!("/w/attachments/{id}"), None).await?;
    assert_eq!((fetched.status, fetched.text.as_bytes()), (StatusCode::OK, PDF));
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"plan.PDF\"; filename*=UTF-8''plan.PDF"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
    ] {
        assert_eq!(fetched.header(header), Some(value));
    }
    Ok(())
}

async fn files_and_words_are_sent_once(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let mut events = client.listen(None).await?;
    let files = [Uuid::new_v4(), Uuid::new_v4()];
    upload(&app, &client, files[0], "a.png", PNG).await?;
    upload(&app, &client, files[1], "b.pdf", PDF).await?;
    let id = Uuid::new_v4();
    let first = send(&client, "Is this right?", &files, id).await?;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text);
    assert_eq!(first.json()["files"]["attachments"].as_array().map(Vec::len), Some(2));
    assert_eq!(first.json()["message"]["text"], "Is this right?");
    events.until_answered().await?;
    events.until_answered().await?;
    events.until_answered().await?;
    let again = send(&client, "Is this right?", &files, id).await?;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    assert_eq!(again.json()["reply_id"], first.json()["reply_id"]);
    assert_eq!(again.json()["files"]["id"], first.json()["files"]["id"]);
    let kept = client.conversation().await?;
    let authors: Vec<_> = said(&kept).iter().map(|(author, _)| *author).collect();
    assert_eq!(authors, ["client", "engine", "engine", "client", "engine"], "{kept}");
    assert_eq!(said(&kept)[0].1, "🖼 a.png\n📎 b.pdf");
    assert_eq!(said(&kept)[4].1, "Yes.", "the words are answered");

    let more = Uuid::new_v4();
    upload(&app, &client, more, "c.png", PNG).await?;
    send(&client, "", &[more], Uuid::new_v4()).await?;
    let kept = client.conversation().await?;
    assert_eq!(said(&kept).last(), Some(&("client", "🖼 c.png")), "not said again so soon");
    let twice = send(&client, "", &[more], Uuid::new_v4()).await?;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(twice.json()["errors"][0]["pointer"], "/attachments/0");
    Ok(())
}

async fn a_file_is_what_its_content_says(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = widget(&app, &[AttachmentKind::Image, AttachmentKind::Text]).await?;
    let client = app.session(&account).await?;
    for (name, content, status) in [
        ("photo.png", &b"MZ\x90\0 a program"[..], StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("notes.txt", b"<!doctype html><script>alert(1)</script>", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("plan.pdf", PDF, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("empty.txt", b"", StatusCode::UNPROCESSABLE_ENTITY),
        ("notes.txt", b"Gr\xc3\xbc\xc3\x9fe", StatusCode::CREATED),
    ] {
        let answer = upload(&app, &client, Uuid::new_v4(), name, content).await?;
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
    }
    assert_eq!(on_disk(&app)?, 1, "what was refused left nothing");
    let named = upload(&app, &client, Uuid::new_v4(), "..%2Frun.bat", PNG).await?;
    assert_eq!((&named.json()["name"], &named.json()["mime"]), (&json!("run.bat.png"), &json!("image/png")));
    let off = WidgetSettings { attachments_offered: false, ..account.settings.clone() };
    app.set(&account, off).await?;
    let refused = upload(&app, &client, Uuid::new_v4(), "a.png", PNG).await?;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let config = app.get(&format!("/w/{}/config", account.public_key), &[]).await?;
    assert_eq!(config.json()["attachments"], json!([]));
    Ok(())
}

async fn a_person_who_took_over_is_not_talked_over(db: &TestDb) -> Result<()> {
    use coxswain_domain::Clock;
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    let mut events = client.listen(None).await?;
    client.say("Hello?", Uuid::new_v4()).await?;
    events.until_answered().await?;
    let mut tx = app.db.write(account.creator_id).await?;
    let member = MemberId::new(app.clock.now());
    conversations::take_over(&mut tx, app.clock.now(), account.creator_id, client.conversation, member)
        .await?
        .context("taken over")?;
    tx.commit().await?;
    let id = Uuid::new_v4();
    upload(&app, &client, id, "a.png", PNG).await?;
    send(&client, "", &[id], Uuid::new_v4()).await?;
    let kept = client.conversation().await?;
    assert_eq!(said(&kept).last(), Some(&("client", "🖼 a.png")), "a person can look at it");
    Ok(())
}

async fn only_the_own_conversations_files_are_read(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let (anna, ben) = (app.session(&account).await?, app.session(&account).await?);
    let other = app.widget().await?;
    let stranger = app.session(&other).await?;
    let id = Uuid::new_v4();
    upload(&app, &anna, id, "a.png", PNG).await?;
    for (sent, someone) in [(false, &ben), (false, &stranger), (true, &ben), (true, &stranger)] {
        if sent {
            send(&anna, "", &[id], Uuid::new_v4()).await?;
        }
        let path = format!("/w/attachments/{id}");
        for method in [Method::GET, Method::DELETE] {
            let answer = someone.call(method.clone(), &path, None).await?;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {}", answer.text);
        }
        let stolen = send(someone, "", &[id], Uuid::new_v4()).await?;
        assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
        let taken = upload(&app, someone, id, "b.png", b"\x89PNG\r\n\x1a\nanother").await?;
        assert_eq!(taken.status, StatusCode::CONFLICT, "{}", taken.text);
    }
    let path = format!("/w/attachments/{id}");
    let mine = app.get(&path, &[("authorization", &anna.bearer), ("sec-fetch-site", "same-origin")]).await;
    // The picture is no text: that it came is enough here, its bytes are looked at elsewhere.
    assert!(mine.is_err() || mine?.status == StatusCode::OK);
    let page = app.get(&path, &[("authorization", &anna.bearer), ("sec-fetch-site", "cross-site")]).await?;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(on_disk(&app)?, 1, "nobody's twin was kept");
    Ok(())
}

async fn what_is_taken_back_leaves_the_disk(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let (back, sent) = (Uuid::new_v4(), Uuid::new_v4());
    upload(&app, &client, back, "a.png", PNG).await?;
    upload(&app, &client, sent, "b.png", PNG).await?;
    send(&client, "", &[sent], Uuid::new_v4()).await?;
    let answer = client.call(Method::DELETE, &format!("/w/attachments/{back}"), None).await?;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let answer = client.call(Method::DELETE, &format!("/w/attachments/{sent}"), None).await?;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "what was sent stays");
    assert_eq!(on_disk(&app)?, 1);
    Ok(())
}

async fn too_much_is_refused_and_leaves_nothing(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let mut large = PNG.to_vec();
    large.resize((10 << 20) + 1, 0);
    let answer = upload(&app, &client, Uuid::new_v4(), "large.png", &large).await?;
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")));
    assert_eq!(on_disk(&app).unwrap_or_default(), 0);
    large.truncate(10 << 20);
    let mut files = vec![Uuid::new_v4()];
    assert_eq!(upload(&app, &client, files[0], "fits.png", &large).await?.status, StatusCode::CREATED);
    for _ in 0..5 {
        let id = Uuid::new_v4();
        assert_eq!(upload(&app, &client, id, "a.png", PNG).await?.status, StatusCode::CREATED);
        files.push(id);
    }
    let crowded = upload(&app, &client, Uuid::new_v4(), "a.png", PNG).await?;
    assert_eq!((crowded.status, &crowded.json()["code"]), (StatusCode::CONFLICT, &json!("too_many_files")));
    let four = send(&client, "", &files[..4], Uuid::new_v4()).await?;
    assert_eq!(four.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(&client, "", &files[..3], Uuid::new_v4()).await?.status, StatusCode::ACCEPTED);
    // One session's files come in bursts, and then slowly.
    let mut last = StatusCode::OK;
    for _ in 0..9 {
        last = upload(&app, &client, files[0], "a.png", PNG).await?.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    Ok(())
}

async fn the_transcript_names_files(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let files = [Uuid::new_v4(), Uuid::new_v4()];
    upload(&app, &client, files[0], "knee.png", PNG).await?;
    upload(&app, &client, files[1], "plan.pdf", PDF).await?;
    send(&client, "", &files, Uuid::new_v4()).await?;
    let answer = client.call(Method::GET, "/w/transcript?lang=de", None).await?;
    assert!(answer.text.contains("Du\nDateien: knee.png, plan.pdf\n"), "{}", answer.text);
    Ok(())
}
