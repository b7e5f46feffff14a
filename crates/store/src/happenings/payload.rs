//! What is told of each kind of event. `docs/webhooks.md` describes it.

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, event::EventKind};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{Result, Tx, webhooks::NewEvent};

/// An event about a subject as it is now. `None`: the subject is gone, or the event is none for others: in a test
/// chat, say.
pub(super) async fn compose(
    tx: &mut Tx,
    creator: CreatorId,
    kind: EventKind,
    subject: Uuid,
    occurred_at: DateTime<Utc>,
) -> Result<Option<NewEvent>> {
    let found = match kind {
        EventKind::MessageReceived | EventKind::MessageSent => message(tx, creator, subject).await?,
        EventKind::HumanWanted | EventKind::TakenOver | EventKind::HandedBack | EventKind::Closed => {
            conversation(tx, creator, ConversationId(subject)).await?
        }
        EventKind::ClientCreated => client(tx, creator, subject).await?,
        EventKind::ClientLinked => return moved(tx, creator, subject, occurred_at).await,
        EventKind::ClientUnlinked | EventKind::ClientOptedOut | EventKind::ClientOptedIn => {
            identity(tx, creator, subject).await?.map(|(found, _)| found)
        }
        EventKind::ClientConsented | EventKind::ConsentWithdrawn => {
            consent(tx, creator, kind, subject).await?
        }
        EventKind::DeliveryAccepted
        | EventKind::DeliveryDelivered
        | EventKind::DeliveryRead
        | EventKind::DeliveryFailed => delivery(tx, creator, kind, subject).await?,
        EventKind::CheckInSent | EventKind::CheckInHeldBack => decision(tx, creator, subject).await?,
        EventKind::FeedbackGiven => feedback(tx, creator, subject).await?,
        EventKind::GapRecorded => gap(tx, creator, subject).await?,
        EventKind::Test => None,
    };
    Ok(found.map(|Told { lane, data }| NewEvent { kind, data, occurred_at, lane }))
}

/// What is told, and among what it is told in order.
struct Told {
    lane: Uuid,
    data: Value,
}

/// More about the same thing.
fn with(mut told: Told, key: &str, value: Value) -> Told {
    if let Value::Object(fields) = &mut told.data {
        let mut whole = Map::from_iter([(key.to_owned(), value)]);
        whole.append(fields);
        *fields = whole;
    }
    told
}

#[derive(sqlx::FromRow)]
struct TalkRow {
    id: Uuid,
    client_id: Uuid,
    display_name: String,
    account_id: Option<Uuid>,
    account_kind: Option<String>,
    account_name: Option<String>,
    handler: String,
    assigned_to: Option<Uuid>,
    human_wanted_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
}

/// A client's conversation; a test chat is none.
async fn conversation(tx: &mut Tx, creator: CreatorId, id: ConversationId) -> Result<Option<Told>> {
    let row = fetch_optional!(
        tx,
        TalkRow,
        "SELECT talk.id, talk.client_id, clients.display_name, channel_accounts.id AS account_id,
           channel_accounts.kind AS account_kind, channel_accounts.name AS account_name, talk.handler, talk.assigned_to,
           talk.human_wanted_at, talk.closed_at
         FROM conversations talk JOIN clients ON clients.id = talk.client_id
         LEFT JOIN channel_accounts ON channel_accounts.id = talk.channel_account_id
         WHERE talk.creator_id = $1 AND talk.id = $2 AND talk.kind = 'client'",
        creator,
        id,
    )?;
    Ok(row.map(|row| {
        let channel =
            row.account_id.map(|id| json!({ "id": id, "kind": row.account_kind, "name": row.account_name }));
        Told {
            lane: row.id,
            data: json!({
                "conversation": {
                    "id": row.id, "channel": channel, "handler": row.handler, "assigned_to": row.assigned_to,
                    "human_wanted_at": row.human_wanted_at, "closed_at": row.closed_at,
                },
                "client": { "id": row.client_id, "display_name": row.display_name },
            }),
        }
    }))
}

type MessageRow = (ConversationId, i64, String, String, bool, DateTime<Utc>, Option<DateTime<Utc>>);

async fn message(tx: &mut Tx, creator: CreatorId, id: Uuid) -> Result<Option<Told>> {
    let row = fetch_optional!(
        tx,
        MessageRow,
        "SELECT conversation_id, seq, author, text, abstained, created_at, completed_at
         FROM messages WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    let Some((talk, seq, author, text, abstained, created_at, completed_at)) = row else {
        return Ok(None);
    };
    let message = json!({
        "id": id, "seq": seq, "author": author, "text": text, "abstained": abstained, "created_at": created_at,
        "completed_at": completed_at,
    });
    Ok(conversation(tx, creator, talk).await?.map(|told| with(told, "message", message)))
}

type ClientRow = (String, Option<String>, Option<String>, DateTime<Utc>);

async fn client(tx: &mut Tx, creator: CreatorId, id: Uuid) -> Result<Option<Told>> {
    let row = fetch_optional!(
        tx,
        ClientRow,
        "SELECT display_name, time_zone, locale, created_at FROM clients WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    Ok(row.map(|(display_name, time_zone, locale, created_at)| {
        let client = json!({
            "id": id, "display_name": display_name, "time_zone": time_zone, "locale": locale, "created_at": created_at,
        });
        Told { lane: id, data: json!({ "client": client }) }
    }))
}

/// An identity moved: to a client who has others, or to one of its own.
async fn moved(
    tx: &mut Tx,
    creator: CreatorId,
    id: Uuid,
    occurred_at: DateTime<Utc>,
) -> Result<Option<NewEvent>> {
    Ok(identity(tx, creator, id).await?.map(|(Told { lane, data }, alone)| {
        let kind = if alone { EventKind::ClientUnlinked } else { EventKind::ClientLinked };
        NewEvent { kind, data, occurred_at, lane }
    }))
}

type IdentityRow = (Uuid, Uuid, String, String, String, Option<DateTime<Utc>>, i64);

/// A client on one channel, and whether it is their only one.
async fn identity(tx: &mut Tx, creator: CreatorId, id: Uuid) -> Result<Option<(Told, bool)>> {
    let row = fetch_optional!(
        tx,
        IdentityRow,
        "SELECT one.client_id, account.id, account.kind, account.name, one.provider_user_id, one.opted_out_at,
           (SELECT COUNT(*) FROM identities others WHERE others.client_id = one.client_id AND others.id <> one.id)
         FROM identities one JOIN channel_accounts account ON account.id = one.channel_account_id
         WHERE one.creator_id = $1 AND one.id = $2",
        creator,
        id,
    )?;
    let Some((of, account, kind, name, provider_user_id, opted_out_at, others)) = row else {
        return Ok(None);
    };
    let identity = json!({
        "id": id, "channel": { "id": account, "kind": kind, "name": name }, "provider_user_id": provider_user_id,
        "opted_out_at": opted_out_at,
    });
    Ok(client(tx, creator, of).await?.map(|told| (with(told, "identity", identity), others == 0)))
}

async fn consent(tx: &mut Tx, creator: CreatorId, kind: EventKind, id: Uuid) -> Result<Option<Told>> {
    // Where two clients became one, the second consent of the same kind is closed: nobody withdrew anything.
    let row = fetch_optional!(
        tx,
        (Uuid, String, DateTime<Utc>, Option<DateTime<Utc>>, bool),
        "SELECT client_id, purpose, granted_at, withdrawn_at, EXISTS (SELECT 1 FROM consents other
           WHERE other.client_id = consents.client_id AND other.purpose = consents.purpose
             AND other.granted_at <= consents.withdrawn_at AND other.withdrawn_at IS NULL) AS doubled
         FROM consents WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    let Some((of, purpose, granted_at, withdrawn_at, doubled)) = row else {
        return Ok(None);
    };
    if kind == EventKind::ConsentWithdrawn && doubled {
        return Ok(None);
    }
    let consent =
        json!({ "id": id, "purpose": purpose, "granted_at": granted_at, "withdrawn_at": withdrawn_at });
    Ok(client(tx, creator, of).await?.map(|told| with(told, "consent", consent)))
}

type OutboxRow = (ConversationId, Uuid, i64, i64, String, Option<String>, Option<String>, i64);

async fn delivery(tx: &mut Tx, creator: CreatorId, kind: EventKind, id: Uuid) -> Result<Option<Told>> {
    let row = fetch_optional!(
        tx,
        OutboxRow,
        "SELECT conversation_id, message_id, part, parts, purpose, code, detail, attempts
         FROM outbox WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    let Some((talk, message, part, parts, purpose, code, detail, attempts)) = row else {
        return Ok(None);
    };
    // The state is the event's, which may have been overtaken.
    let state = kind.name().split('.').nth(1);
    let failed = kind == EventKind::DeliveryFailed;
    let delivery = json!({
        "id": id, "message_id": message, "part": part, "parts": parts, "purpose": purpose, "state": state,
        "code": code.filter(|_| failed), "detail": detail.filter(|_| failed), "attempts": attempts,
    });
    Ok(conversation(tx, creator, talk).await?.map(|told| with(told, "delivery", delivery)))
}

type DecisionRow = (Uuid, Option<Uuid>, DateTime<Utc>, DateTime<Utc>, String, Option<Uuid>);

async fn decision(tx: &mut Tx, creator: CreatorId, id: Uuid) -> Result<Option<Told>> {
    let row = fetch_optional!(
        tx,
        DecisionRow,
        "SELECT client_id, check_in_id, due_at, decided_at, reason, message_id
         FROM decisions WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    let Some((of, check_in, due_at, decided_at, reason, message)) = row else {
        return Ok(None);
    };
    let decision = json!({
        "id": id, "check_in_id": check_in, "due_at": due_at, "decided_at": decided_at, "reason": reason,
        "message_id": message,
    });
    Ok(client(tx, creator, of).await?.map(|told| with(told, "decision", decision)))
}

async fn feedback(tx: &mut Tx, creator: CreatorId, message: Uuid) -> Result<Option<Told>> {
    let row = fetch_optional!(
        tx,
        (ConversationId, bool, Option<String>, DateTime<Utc>),
        "SELECT messages.conversation_id, feedback.helpful, feedback.reason, feedback.created_at
         FROM feedback JOIN messages ON messages.id = feedback.message_id
         WHERE feedback.creator_id = $1 AND feedback.message_id = $2",
        creator,
        message,
    )?;
    let Some((talk, helpful, reason, created_at)) = row else {
        return Ok(None);
    };
    let feedback =
        json!({ "message_id": message, "helpful": helpful, "reason": reason, "created_at": created_at });
    Ok(conversation(tx, creator, talk).await?.map(|told| with(told, "feedback", feedback)))
}

/// A gap, wherever it was asked for: what a member finds in the test chat is missing too.
async fn gap(tx: &mut Tx, creator: CreatorId, id: Uuid) -> Result<Option<Told>> {
    let row = fetch_optional!(
        tx,
        (Option<ConversationId>, String, String, DateTime<Utc>),
        "SELECT conversation_id, question, reason, created_at FROM knowledge_gaps WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    let Some((talk, question, reason, created_at)) = row else {
        return Ok(None);
    };
    let gap = json!({ "id": id, "question": question, "reason": reason, "created_at": created_at });
    let told = match talk {
        Some(talk) => conversation(tx, creator, talk).await?,
        None => None,
    };
    let told = told.unwrap_or_else(|| Told { lane: talk.map_or(id, |talk| talk.0), data: json!({}) });
    Ok(Some(with(told, "gap", gap)))
}
