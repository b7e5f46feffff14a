//! A bot, and people who write to it.

use anyhow::{Context, Result};
use coxswain_domain::{
    ChannelAccountId, ConversationId, MemberId, MessageId,
    channel::{ChannelKind, WidgetSettings},
    conversation::MessageStatus,
};
use coxswain_store::{
    Db,
    channel_accounts::{self, ChannelAccount},
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
    conversations::{self, AcceptedBurst, Burst, Settled},
    identities::{self, Identity, Met},
};
use coxswain_test_support::seed::Coach;

use crate::now;

/// A person who writes to a bot.
pub(crate) struct Talk {
    pub(crate) identity: Identity,
    pub(crate) conversation: ConversationId,
}

/// A channel account of a kind, not connected yet.
pub(crate) async fn account(db: &Db, coach: Coach, kind: ChannelKind) -> Result<ChannelAccountId> {
    let id = ChannelAccountId::new(now());
    let account = ChannelAccount {
        id,
        creator_id: coach.id,
        kind,
        name: "Messenger".into(),
        public_key: format!("cxm_{id}"),
        enabled: true,
        settings: WidgetSettings::default(),
        version: 1,
        created_at: now(),
    };
    let mut tx = db.write(coach.id).await?;
    channel_accounts::insert(&mut tx, &account).await?;
    tx.commit().await?;
    Ok(id)
}

/// What connects a Telegram account to the bot `provider_id`.
pub(crate) fn connection(coach: Coach, account: ChannelAccountId, provider_id: &str) -> Connection {
    Connection {
        channel_account_id: account,
        creator_id: coach.id,
        kind: ChannelKind::Telegram,
        provider_id: provider_id.into(),
        handle: "coach_bot".into(),
        credentials: Credentials::Telegram { token: "1:secret".into(), webhook_secret: "hush".into() },
        settings: ConnectionSettings::default(),
        state: ConnectionState::Connected,
        state_reason: None,
        next_update: 0,
        checked_at: now(),
    }
}

/// A Telegram account that is connected.
pub(crate) async fn bot(db: &Db, coach: Coach) -> Result<ChannelAccountId> {
    let account = account(db, coach, ChannelKind::Telegram).await?;
    let mut tx = db.write(coach.id).await?;
    connections::insert(&mut tx, &connection(coach, account, &account.to_string())).await?;
    tx.commit().await?;
    Ok(account)
}

pub(crate) fn met(account: ChannelAccountId, id: &str) -> Met<'_> {
    Met { account, id, aliases: &[], name: None, locale: None }
}

/// Somebody whose id is `id` writes to an account for the first time.
pub(crate) async fn talk(db: &Db, coach: Coach, account: ChannelAccountId, id: &str) -> Result<Talk> {
    let mut tx = db.write(coach.id).await?;
    let identity = identities::meet(&mut tx, now(), coach.id, met(account, id)).await?.identity;
    let conversation = conversations::open_for(&mut tx, now(), coach.id, identity.id, "").await?;
    tx.commit().await?;
    Ok(Talk { identity, conversation })
}

/// A message that is answered at once.
pub(crate) fn burst(conversation: ConversationId, text: &str) -> Burst<'_> {
    let (window, longest) = (chrono::TimeDelta::zero(), chrono::TimeDelta::zero());
    Burst { conversation, text, client_message_id: None, window, longest }
}

/// The client writes.
pub(crate) async fn write(
    db: &Db,
    coach: Coach,
    conversation: ConversationId,
    text: &str,
) -> Result<AcceptedBurst> {
    let mut tx = db.write(coach.id).await?;
    let accepted =
        conversations::accept_burst(&mut tx, now(), coach.id, burst(conversation, text), None).await?;
    tx.commit().await?;
    Ok(accepted)
}

/// The end of an answer.
pub(crate) fn end(status: MessageStatus, text: &str) -> Settled {
    Settled { status, text: text.into(), abstained: false, citations: Vec::new(), problem: None }
}

/// The client writes and is answered; the answer.
pub(crate) async fn answered(db: &Db, coach: Coach, conversation: ConversationId) -> Result<MessageId> {
    let reply = write(db, coach, conversation, "When?").await?.reply.context("a reply")?.1.id;
    let mut tx = db.write(coach.id).await?;
    let end = end(MessageStatus::Done, "At five.");
    conversations::settle(&mut tx, now(), coach.id, reply, &end).await?.context("settled")?;
    tx.commit().await?;
    Ok(reply)
}

/// A member takes over.
pub(crate) async fn take_over(db: &Db, coach: Coach, conversation: ConversationId) -> Result<()> {
    let mut tx = db.write(coach.id).await?;
    let member = MemberId::new(now());
    conversations::take_over(&mut tx, now(), coach.id, conversation, member).await?.context("taken over")?;
    Ok(tx.commit().await?)
}
