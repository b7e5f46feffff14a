//! The first page: what is set up, what runs, who needs the creator.

use axum::extract::State;
use coxswain_domain::CreatorId;
use coxswain_http::{Json, Result};
use coxswain_store::{
    Tx, channel_accounts,
    connections::{self, ConnectionState},
    conversations::{self, InboxFilter, Shelf},
    overview::{Overview, overview},
    page::Page,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Component, HubState, Status, auth::Reader};

/// Waiting clients counted exactly, at most.
const WAITING: u32 = 50;

/// A step of setting up.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepKey {
    /// A document answers questions.
    Document,
    /// A question was tried out.
    TestQuestion,
    /// A widget is on.
    Widget,
    /// A client wrote.
    Client,
}

/// A step of setting up, and whether it is done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetupStep {
    /// Which.
    key: StepKey,
    /// Whether it is done.
    done: bool,
}

/// How much there is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// Documents.
    documents: i64,
    /// Chunks that may be found.
    chunks: i64,
    /// Clients met.
    clients: i64,
    /// Conversations with clients.
    conversations: i64,
    /// Questions the knowledge did not cover.
    gaps_open: i64,
}

/// Something that waits for the creator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attention {
    /// What kind of thing: `documents_failed`, `gaps` or `health`.
    kind: String,
    /// What it is, in a sentence.
    text: String,
    /// Where in the portal to see to it.
    href: String,
}

/// The first page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Home {
    /// What setting up takes, and what of it is done.
    steps: Vec<SetupStep>,
    /// What runs.
    health: Vec<Component>,
    /// How much there is.
    counts: Counts,
    /// What waits for the creator, the most urgent first.
    attention: Vec<Attention>,
}

/// What is set up, what runs, and what waits for the creator.
#[utoipa::path(get, path = "/api/v1/home", tag = "Home",
    responses((status = 200, description = "The first page", body = Home)))]
pub(crate) async fn home(State(hub): State<HubState>, caller: Reader) -> Result<Json<Home>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let have = overview(&mut tx, caller.creator).await?;
    let mut attention = waiting(&mut tx, caller.creator).await?;
    attention.extend(silent_channels(&mut tx, caller.creator).await?);
    drop(tx);
    let health = hub.health.components().await;
    attention.extend(about(&have, &health));
    let steps = [
        (StepKey::Document, have.documents_ready > 0),
        (StepKey::TestQuestion, have.tests > 0),
        (StepKey::Widget, have.channels > 0),
        (StepKey::Client, have.clients > 0),
    ];
    Ok(Json(Home {
        steps: steps.into_iter().map(|(key, done)| SetupStep { key, done }).collect(),
        attention,
        health,
        counts: Counts {
            documents: have.documents,
            chunks: have.chunks,
            clients: have.clients,
            conversations: have.conversations,
            gaps_open: have.gaps,
        },
    }))
}

/// Clients who wait for a person.
async fn waiting(tx: &mut Tx, creator: CreatorId) -> Result<Vec<Attention>> {
    let filter = InboxFilter { shelf: Some(Shelf::Waiting), ..InboxFilter::default() };
    let found = conversations::inbox(tx, creator, &filter, Page { limit: WAITING, after: None }).await?;
    let more = if found.next.is_some() { "More than " } else { "" };
    let text = match found.items.as_slice() {
        [] => return Ok(Vec::new()),
        [one] => format!("{} waits for a person.", one.client_name),
        some => format!("{more}{} clients wait for a person.", some.len()),
    };
    Ok(vec![Attention { kind: "waiting".into(), text, href: "/inbox?state=waiting".into() }])
}

/// Channels that nothing leaves by, though nobody switched them off.
async fn silent_channels(tx: &mut Tx, creator: CreatorId) -> Result<Vec<Attention>> {
    let mut list = Vec::new();
    for connection in connections::list(tx, creator).await? {
        let id = connection.channel_account_id;
        if connection.state == ConnectionState::Connected {
            continue;
        }
        if let Some(account) = channel_accounts::get(tx, creator, id).await?.filter(|account| account.enabled)
        {
            let why = connection.state_reason.unwrap_or_else(|| "It does not work.".to_owned());
            let text = format!("{}: {why}", account.name);
            list.push(Attention { kind: "channel".into(), text, href: format!("/channels/{id}") });
        }
    }
    Ok(list)
}

fn about(have: &Overview, health: &[Component]) -> Vec<Attention> {
    let mut list = Vec::new();
    for part in health.iter().filter(|part| part.status == Status::Down) {
        list.push(Attention {
            kind: "health".into(),
            text: part.detail.clone(),
            href: "/settings/models".into(),
        });
    }
    if have.documents_failed > 0 {
        let text = match have.documents_failed {
            1 => "One document could not be read.".to_owned(),
            n => format!("{n} documents could not be read."),
        };
        let href = "/knowledge?stage=failed".into();
        list.push(Attention { kind: "documents_failed".into(), text, href });
    }
    if have.gaps > 0 {
        let text = match have.gaps {
            1 => "One question found no answer in your material.".to_owned(),
            n => format!("{n} questions found no answer in your material."),
        };
        list.push(Attention { kind: "gaps".into(), text, href: "/gaps".into() });
    }
    list
}
