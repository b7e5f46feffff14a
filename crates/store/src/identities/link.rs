//! One person, several channels: identities go from client to client, with all that was said there.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, CreatorId, IdentityId};

use super::{Identity, get, meet::anonymous};
use crate::{
    Result, Tx,
    clients::{self, Client},
    schedule,
};

/// Says that an identity belongs to another client, who proved it by a code: it moves there with its
/// conversations, sessions and consents. The client it leaves goes too once nothing of theirs is left.
/// False: identity or client are not this creator's.
pub async fn link(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: IdentityId,
    to: ClientId,
) -> Result<bool> {
    // First, as whoever decides on check-ins does: transactions that lock in different orders could wait forever.
    schedule::take_turn(tx, creator).await?;
    let (identity, client) = (get(tx, creator, id).await?, clients::get(tx, creator, to).await?);
    match identity.zip(client) {
        Some((identity, _)) => move_all(tx, now, creator, &identity, to).await.map(|()| true),
        None => Ok(false),
    }
}

/// Gives an identity a client of its own again, with its conversations, sessions and consents; that client.
/// It stays as it is when its client has no other. `None`: the identity is not this creator's.
pub async fn unlink(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: IdentityId,
) -> Result<Option<ClientId>> {
    schedule::take_turn(tx, creator).await?;
    let Some(identity) = get(tx, creator, id).await? else {
        return Ok(None);
    };
    let Some(client) = clients::get(tx, creator, identity.client_id).await? else {
        return Ok(None);
    };
    if super::of_client(tx, creator, client.id).await?.len() == 1 {
        return Ok(Some(client.id));
    }
    let id = ClientId::new(now);
    let own = Client { id, display_name: anonymous(id), created_at: now, ..client };
    clients::insert(tx, creator, &own).await?;
    move_parts(tx, now, creator, &identity, own.id).await?;
    for client in [identity.client_id, own.id] {
        schedule::reschedule_client(tx, now, creator, client).await?;
    }
    Ok(Some(own.id))
}

/// Moves an identity with what belongs to it, and the rest of its client when that was their last.
pub(super) async fn move_all(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    identity: &Identity,
    to: ClientId,
) -> Result<()> {
    let from = identity.client_id;
    if from == to {
        return Ok(());
    }
    move_parts(tx, now, creator, identity, to).await?;
    if super::of_client(tx, creator, from).await?.is_empty() {
        move_rest(tx, now, creator, from, to).await?;
    }
    for client in [from, to] {
        schedule::reschedule_client(tx, now, creator, client).await?;
    }
    Ok(())
}

/// Moves an identity with its conversations, sessions and consents.
async fn move_parts(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    identity: &Identity,
    to: ClientId,
) -> Result<()> {
    let (from, account) = (identity.client_id, identity.channel_account_id);
    execute!(
        tx,
        "UPDATE identities SET client_id = $1 WHERE creator_id = $2 AND id = $3",
        to,
        creator,
        identity.id
    )?;
    // What happened to a conversation's check-ins counts for whoever has the conversation.
    execute!(
        tx,
        "UPDATE decisions SET client_id = $1
         WHERE creator_id = $2 AND client_id = $3 AND message_id IN (
           SELECT messages.id FROM messages JOIN conversations ON conversations.id = messages.conversation_id
           WHERE conversations.client_id = $3 AND (conversations.identity_id = $4
             OR (conversations.identity_id IS NULL AND conversations.channel_account_id = $5)))
           AND NOT EXISTS (SELECT 1 FROM decisions same WHERE same.client_id = $1
             AND same.check_in_id = decisions.check_in_id AND same.due_at = decisions.due_at)",
        to,
        creator,
        from,
        identity.id,
        account,
    )?;
    execute!(
        tx,
        "UPDATE conversations SET client_id = $1
         WHERE creator_id = $2 AND client_id = $3
           AND (identity_id = $4 OR (identity_id IS NULL AND channel_account_id = $5))",
        to,
        creator,
        from,
        identity.id,
        account,
    )?;
    execute!(
        tx,
        "UPDATE widget_sessions SET client_id = $1 WHERE creator_id = $2 AND client_id = $3 AND channel_account_id = $4",
        to,
        creator,
        from,
        account,
    )?;
    move_consents(tx, now, creator, (from, to), Some(account)).await
}

/// Moves consents, of one account or all. One that the other client has given too is closed: theirs holds.
async fn move_consents(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    (from, to): (ClientId, ClientId),
    account: Option<ChannelAccountId>,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE consents SET withdrawn_at = $1
         WHERE creator_id = $2 AND client_id = $3 AND withdrawn_at IS NULL AND ($4 IS NULL OR channel_account_id = $4)
           AND EXISTS (SELECT 1 FROM consents theirs WHERE theirs.client_id = $5 AND theirs.purpose = consents.purpose
             AND theirs.withdrawn_at IS NULL)",
        now,
        creator,
        from,
        account,
        to,
    )?;
    execute!(
        tx,
        "UPDATE consents SET client_id = $1
         WHERE creator_id = $2 AND client_id = $3 AND ($4 IS NULL OR channel_account_id = $4)",
        to,
        creator,
        from,
        account,
    )?;
    Ok(())
}

/// Moves what a client leaves who has no identity any more, and forgets the client when nothing is left.
async fn move_rest(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    from: ClientId,
    to: ClientId,
) -> Result<()> {
    move_consents(tx, now, creator, (from, to), None).await?;
    for sql in [
        "UPDATE decisions SET client_id = $1 WHERE creator_id = $2 AND client_id = $3
           AND NOT EXISTS (SELECT 1 FROM decisions same WHERE same.client_id = $1
             AND same.check_in_id = decisions.check_in_id AND same.due_at = decisions.due_at)",
        "UPDATE check_in_schedule SET client_id = $1 WHERE creator_id = $2 AND client_id = $3
           AND NOT EXISTS (SELECT 1 FROM check_in_schedule same WHERE same.client_id = $1
             AND same.check_in_id = check_in_schedule.check_in_id)",
        "UPDATE clients SET
           time_zone = COALESCE(time_zone, (SELECT time_zone FROM clients other WHERE other.id = $3)),
           locale = COALESCE(locale, (SELECT locale FROM clients other WHERE other.id = $3)),
           preferred_account_id = COALESCE(preferred_account_id,
             (SELECT preferred_account_id FROM clients other WHERE other.id = $3))
         WHERE creator_id = $2 AND id = $1",
        "DELETE FROM clients WHERE creator_id = $2 AND id = $3 AND id <> $1
           AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.client_id = clients.id)
           AND NOT EXISTS (SELECT 1 FROM widget_sessions WHERE widget_sessions.client_id = clients.id)
           AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.client_id = clients.id)",
    ] {
        execute!(tx, sql, to, creator, from)?;
    }
    Ok(())
}
