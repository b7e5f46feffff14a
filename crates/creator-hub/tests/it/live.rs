//! What happens, told over a socket.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use axum::body::Bytes;
use chrono::TimeDelta;
use coxswain_creator_hub::{HubLimits, SocketLimits};
use coxswain_domain::{
    Clock, ConversationId, TurnId,
    conversation::{Author, MessageStatus},
};
use coxswain_store::conversations::{self, NewMessage};
use coxswain_test_support::db::{TestDb, on_postgres};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use crate::app::{App, Login, UPLOAD, text};

coxswain_test_support::contract! {
    the_inbox_is_told_as_it_changes,
    a_part_of_the_inbox_is_told_without_the_rest,
    a_conversation_is_told_from_where_its_reader_was,
    anothers_conversation_is_none,
    a_request_that_cannot_be_done_ends_nothing,
    only_our_own_page_opens_it_by_cookie,
    a_log_out_ends_it,
    a_log_in_that_is_over_ends_it,
    a_revoked_key_ends_it,
    a_slow_reader_is_cut_off_and_comes_back,
    a_peer_that_is_silent_is_given_up,
    a_server_that_stops_says_so,
}

/// What one node does reaches the sockets of another.
#[test]
fn two_nodes_tell_the_same() -> Result<()> {
    on_postgres(two_nodes)
}

const PATIENCE: Duration = Duration::from_secs(20);

/// A client's end of a socket.
struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn open(app: &App, login: &Login) -> Result<Self> {
        let bearer = format!("Bearer {}", login.token);
        Self::with(app, &[("authorization", &bearer)])
            .await?
            .map_err(|refused| anyhow::anyhow!("refused: {}", String::from_utf8_lossy(&refused.1)))
    }

    /// Opens it with these headers, or is refused with a status and a body.
    async fn with(app: &App, headers: &[(&str, &str)]) -> Result<Result<Self, (u16, Bytes)>> {
        let address = app.listen().await?;
        let mut request = format!("ws://{address}/api/v1/live").into_client_request()?;
        for (name, value) in headers {
            let value = value.replace("{address}", &address.to_string());
            request.headers_mut().insert(axum::http::HeaderName::try_from(*name)?, value.parse()?);
        }
        let socket = TcpSocket::new_v4()?;
        // What is sent to one that does not read soon has no room left.
        socket.set_recv_buffer_size(16 << 10)?;
        match client_async(request, socket.connect(address).await?).await {
            Ok((socket, _)) => Ok(Ok(Self(socket))),
            Err(Error::Http(refused)) => {
                let status = refused.status().as_u16();
                Ok(Err((status, refused.into_body().unwrap_or_default().into())))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn ask(&mut self, what: Value) -> Result<()> {
        Ok(self.0.send(Message::text(what.to_string())).await?)
    }

    /// The next frame; none once it is closed.
    async fn next(&mut self) -> Result<Option<Value>> {
        tokio::time::timeout(PATIENCE, self.read()).await.context("nothing came")?
    }

    async fn read(&mut self) -> Result<Option<Value>> {
        loop {
            match self.0.next().await.context("it ended without a word")?? {
                Message::Text(text) => return Ok(Some(serde_json::from_str(&text)?)),
                Message::Close(_) => return Ok(None),
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("{other:?}"),
            }
        }
    }

    async fn told(&mut self) -> Result<Value> {
        self.next().await?.context("it was closed")
    }

    /// Asks, and is told that it was done.
    async fn subscribe(&mut self, what: Value) -> Result<()> {
        self.ask(what).await?;
        let note = self.told().await?;
        ensure!(note["subscribed"].is_string(), "{note}");
        Ok(())
    }

    /// Asks for what cannot be done.
    async fn refused(&mut self, what: Value) -> Result<Value> {
        self.ask(what).await?;
        let answer = self.told().await?;
        ensure!(answer["error"].is_object() && answer["on"].is_null(), "{answer}");
        Ok(answer["error"].clone())
    }

    /// How the server closes it, whatever comes before.
    async fn closed(&mut self) -> Result<CloseFrame> {
        let end = async {
            loop {
                if let Message::Close(end) = self.0.next().await.context("it ended without a word")?? {
                    return end.context("without a reason");
                }
            }
        };
        tokio::time::timeout(PATIENCE, end).await.context("it stays open")?
    }
}

fn limits(sockets: SocketLimits) -> HubLimits {
    HubLimits { upload_bytes: UPLOAD, sockets, ..HubLimits::default() }
}

fn talk(id: ConversationId) -> Value {
    json!({ "subscribe": "conversation", "id": id })
}

async fn act(app: &App, login: &Login, id: ConversationId, what: &str) -> Result<()> {
    app.post(&format!("/api/v1/inbox/{id}/{what}")).by(login).send().await?.expect(200)?;
    Ok(())
}

async fn reply(app: &App, login: &Login, id: ConversationId, words: &str) -> Result<()> {
    let call = app.post(&format!("/api/v1/inbox/{id}/replies")).by(login).json(&json!({ "text": words }));
    call.send().await?.expect(201)?;
    Ok(())
}

/// Waits until so many conversations are read.
async fn readers(app: &App, many: usize) -> Result<()> {
    let reached = async {
        while app.live.rooms() != many {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.with_context(|| format!("{many} readers"))
}

async fn the_inbox_is_told_as_it_changes(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let (bot, theirs) = (app.bot(&owner, "42").await?, app.bot(&stranger, "43").await?);
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let other = app.writes(&stranger, &theirs, "otto", "Hello?").await?;
    let mut socket = Socket::open(&app, &owner).await?;
    socket.subscribe(json!({ "subscribe": "inbox" })).await?;
    app.clock.advance(TimeDelta::minutes(1));
    let ben = app.writes(&owner, &bot, "ben", "Is anybody there?").await?;
    app.live.touch(ben.conversation);
    let first = socket.told().await?;
    assert_eq!((&first["on"], &first["event"]), (&json!("inbox"), &json!("conversation")));
    assert_eq!(text(&first["data"]["id"]), ben.conversation.to_string());
    act(&app, &stranger, other.conversation, "take-over").await?;
    act(&app, &owner, anna.conversation, "take-over").await?;
    let second = socket.told().await?;
    assert_eq!(text(&second["data"]["id"]), anna.conversation.to_string(), "and nobody else's");
    assert_eq!(second["data"]["handler"], "human");

    // Whoever comes back is told what was said since.
    let mut again = Socket::open(&app, &owner).await?;
    let before = (app.clock.now() - TimeDelta::seconds(1)).timestamp_micros().to_string();
    again.subscribe(json!({ "subscribe": "inbox", "after": before })).await?;
    assert_eq!(again.told().await?["data"]["id"], first["data"]["id"]);

    // Whoever wants no more is told no more.
    again.ask(json!({ "unsubscribe": "inbox" })).await?;
    assert_eq!(again.told().await?["unsubscribed"], "inbox");
    act(&app, &owner, anna.conversation, "hand-back").await?;
    assert_eq!(socket.told().await?["data"]["handler"], "engine");
    again.subscribe(talk(anna.conversation)).await?;
    assert_eq!(again.told().await?["on"], "conversation");
    Ok(())
}

async fn a_part_of_the_inbox_is_told_without_the_rest(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?.conversation;
    let ben = app.writes(&owner, &bot, "ben", "Where?").await?.conversation;
    let mut socket = Socket::open(&app, &owner).await?;
    socket.subscribe(json!({ "subscribe": "inbox", "state": "human" })).await?;
    act(&app, &owner, ben, "close").await?;
    act(&app, &owner, anna, "take-over").await?;
    assert_eq!(text(&socket.told().await?["data"]["id"]), anna.to_string(), "the closed one is none of it");
    act(&app, &owner, anna, "hand-back").await?;
    let last = socket.told().await?;
    assert_eq!((text(&last["data"]["id"]), &last["data"]["handler"]), (anna.to_string(), &json!("engine")));
    act(&app, &owner, anna, "close").await?;
    act(&app, &owner, ben, "take-over").await?;
    assert_eq!(
        text(&socket.told().await?["data"]["id"]),
        ben.to_string(),
        "the other is none of it any more"
    );
    Ok(())
}

async fn a_conversation_is_told_from_where_its_reader_was(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When do we start?").await?;
    let mut socket = Socket::open(&app, &owner).await?;
    socket.subscribe(talk(anna.conversation)).await?;
    let asked = socket.told().await?;
    assert_eq!((&asked["event"], &asked["id"]), (&json!("message"), &json!("1")));
    assert_eq!(asked["conversation_id"], asked["data"]["conversation_id"]);
    assert_eq!(asked["data"]["text"], "When do we start?");
    assert_eq!(socket.told().await?["data"]["status"], "streaming", "the answer, still unwritten");
    reply(&app, &owner, anna.conversation, "At five.").await?;
    let said = socket.told().await?;
    assert_eq!((&said["data"]["author"], &said["data"]["text"]), (&json!("coach"), &json!("At five.")));

    let mut again = Socket::open(&app, &owner).await?;
    let mut rest = talk(anna.conversation);
    rest["after"] = asked["id"].clone();
    again.subscribe(rest).await?;
    assert_eq!(again.told().await?, said, "what was dropped meanwhile is gone, and nothing comes twice");
    Ok(())
}

async fn anothers_conversation_is_none(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let theirs = app.bot(&stranger, "43").await?;
    let other = app.writes(&stranger, &theirs, "otto", "Hello?").await?;
    let mut socket = Socket::open(&app, &owner).await?;
    let refused = socket.refused(talk(other.conversation)).await?;
    assert_eq!((&refused["status"], &refused["code"]), (&json!(404), &json!("not_found")));
    let unknown = socket.refused(talk(ConversationId::new(app.clock.now()))).await?;
    assert_eq!(refused, unknown, "as if it did not exist");
    assert_eq!(app.live.rooms(), 0, "and nobody listens to it");
    Ok(())
}

async fn a_request_that_cannot_be_done_ends_nothing(db: &TestDb) -> Result<()> {
    let app = App::with(db, limits(SocketLimits { subscriptions: 1, ..SocketLimits::default() })).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let mut socket = Socket::open(&app, &owner).await?;
    assert_eq!(
        socket.refused(json!({ "subscribe": "everything" })).await?["errors"][0]["pointer"],
        "/subscribe"
    );
    assert_eq!(socket.refused(json!("subscribe")).await?["status"], 422);
    socket.0.send(Message::binary(vec![1, 2])).await?;
    assert_eq!(socket.told().await?["error"]["status"], 422);
    socket.subscribe(json!({ "subscribe": "inbox" })).await?;
    let full = socket.refused(talk(anna.conversation)).await?;
    assert_eq!(full["code"], "too_many_subscriptions");
    socket.subscribe(json!({ "subscribe": "inbox" })).await?;
    act(&app, &owner, anna.conversation, "take-over").await?;
    assert_eq!(
        socket.told().await?["data"]["handler"],
        "human",
        "once: the second took the first one's place"
    );
    act(&app, &owner, anna.conversation, "hand-back").await?;
    assert_eq!(socket.told().await?["data"]["handler"], "engine");
    Ok(())
}

async fn only_our_own_page_opens_it_by_cookie(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let cookie = format!("cx_access={}", owner.token);
    let refused = async |headers: &[(&str, &str)]| -> Result<(u16, Value)> {
        let Err((status, body)) = Socket::with(&app, headers).await? else { bail!("opened: {headers:?}") };
        Ok((status, serde_json::from_slice(&body)?))
    };
    for origin in ["https://evil.example", "null", "https://{address}"] {
        let (status, problem) = refused(&[("cookie", &cookie), ("origin", origin)]).await?;
        assert_eq!((status, &problem["code"]), (403, &json!("wrong_origin")), "{origin}");
    }
    assert_eq!(refused(&[("cookie", &cookie)]).await?.0, 403, "browsers always say where they are");
    assert_eq!(refused(&[("origin", "http://{address}")]).await?.0, 401);
    let ours = Socket::with(&app, &[("cookie", &cookie), ("origin", "http://{address}")]).await?;
    ours.map_err(|_| anyhow::anyhow!("refused"))?.subscribe(json!({ "subscribe": "inbox" })).await?;
    app.get("/api/v1/live").by(&owner).send().await?.problem(426, "upgrade_required")?;
    Ok(())
}

/// Sockets that look often whether they may stay.
fn watchful() -> HubLimits {
    limits(SocketLimits { ping: Duration::from_millis(50), ..SocketLimits::default() })
}

async fn a_log_out_ends_it(db: &TestDb) -> Result<()> {
    let app = App::with(db, watchful()).await?;
    let owner = app.register("mira").await?;
    let elsewhere =
        crate::app::login(&app.log_in("mira@example.org", crate::app::PASSWORD).await?.expect(200)?)?;
    let mut socket = Socket::open(&app, &owner).await?;
    let mut other = Socket::open(&app, &elsewhere).await?;
    let form = json!({ "refresh_token": owner.refresh });
    app.post("/api/v1/auth/logout").json(&form).send().await?.expect(204)?;
    assert_eq!(u16::from(socket.closed().await?.code), 4401);
    other.subscribe(json!({ "subscribe": "inbox" })).await.context("another log-in is not concerned")
}

async fn a_log_in_that_is_over_ends_it(db: &TestDb) -> Result<()> {
    let app = App::with(db, watchful()).await?;
    let owner = app.register("mira").await?;
    let mut socket = Socket::open(&app, &owner).await?;
    // Longer than an access token lasts: the log-in does.
    app.clock.advance(TimeDelta::days(29));
    socket.subscribe(json!({ "subscribe": "inbox" })).await?;
    app.clock.advance(TimeDelta::days(2));
    assert_eq!(u16::from(socket.closed().await?.code), 4401);
    Ok(())
}

async fn a_revoked_key_ends_it(db: &TestDb) -> Result<()> {
    let app = App::with(db, watchful()).await?;
    let owner = app.register("mira").await?;
    let form = json!({ "name": "Calendar", "scopes": ["read"] });
    let key = app.post("/api/v1/api-keys").by(&owner).json(&form).send().await?.expect(201)?;
    let holder = Login { token: text(&key["secret"]), ..owner.clone() };
    let mut socket = Socket::open(&app, &holder).await?;
    socket.subscribe(json!({ "subscribe": "inbox" })).await?;
    app.delete(&format!("/api/v1/api-keys/{}", text(&key["key"]["id"])))
        .by(&owner)
        .send()
        .await?
        .expect(204)?;
    assert_eq!(u16::from(socket.closed().await?.code), 4401);
    Ok(())
}

async fn a_slow_reader_is_cut_off_and_comes_back(db: &TestDb) -> Result<()> {
    const MANY: usize = 250;
    let slow = SocketLimits { queue: 4, patience: Duration::from_millis(200), ..SocketLimits::default() };
    let app = App::with(db, limits(slow)).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?.conversation;
    // More than the system keeps on the way to one that does not read.
    let long = "word ".repeat(16 << 10);
    let mut tx = app.db.write(owner.creator).await?;
    for _ in 0..MANY {
        let now = app.clock.now();
        let new = NewMessage {
            conversation: anna,
            turn: TurnId::new(now),
            author: Author::Coach,
            text: &long,
            status: MessageStatus::Done,
            client_message_id: None,
        };
        conversations::add_message(&mut tx, now, owner.creator, new).await?;
    }
    tx.commit().await?;
    let mut socket = Socket::open(&app, &owner).await?;
    socket.subscribe(talk(anna)).await?;
    readers(&app, 0).await.context("it was cut off")?;
    let (mut seen, mut last) = (0, Value::Null);
    while let Ok(Some(event)) = socket.next().await {
        (seen, last) = (seen + 1, event["id"].clone());
    }
    ensure!((1..MANY).contains(&seen), "{seen} reached it");
    let mut rest = talk(anna);
    rest["after"] = last;
    // One that reads is told the rest, whatever its amount.
    let mut again = Socket::open(&app, &owner).await?;
    again.subscribe(rest).await?;
    for _ in seen..MANY + 2 {
        again.told().await?;
    }
    Ok(())
}

async fn a_peer_that_is_silent_is_given_up(db: &TestDb) -> Result<()> {
    let app = App::with(db, watchful()).await?;
    let owner = app.register("mira").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "When?").await?;
    let mut socket = Socket::open(&app, &owner).await?;
    socket.subscribe(talk(anna.conversation)).await?;
    // A client that does not look at its socket answers no ping either.
    readers(&app, 0).await
}

async fn a_server_that_stops_says_so(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let mut socket = Socket::open(&app, &owner).await?;
    socket.subscribe(json!({ "subscribe": "inbox" })).await?;
    let (end, ()) = tokio::join!(socket.closed(), app.sockets.close());
    assert_eq!(u16::from(end?.code), 1001);
    Ok(())
}

async fn two_nodes(db: &TestDb) -> Result<()> {
    let (here, there) = (App::new(db).await?, App::new(db).await?);
    let owner = here.register("mira").await?;
    let bot = here.bot(&owner, "42").await?;
    let anna = here.writes(&owner, &bot, "anna", "When?").await?.conversation;
    let (mut talking, mut inbox) = (Socket::open(&here, &owner).await?, Socket::open(&here, &owner).await?);
    let mut from = talk(anna);
    from["after"] = json!("2");
    talking.subscribe(from).await?;
    inbox.subscribe(json!({ "subscribe": "inbox" })).await?;
    reply(&there, &owner, anna, "At five.").await?;
    assert_eq!(talking.told().await?["data"]["text"], "At five.");
    while inbox.told().await?["data"]["handler"] != "human" {}
    // What is told here after it does not come first.
    reply(&there, &owner, anna, "Or six.").await?;
    reply(&here, &owner, anna, "Bring water.").await?;
    assert_eq!(talking.told().await?["data"]["text"], "Or six.");
    assert_eq!(talking.told().await?["data"]["text"], "Bring water.");
    Ok(())
}
