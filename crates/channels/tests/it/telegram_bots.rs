//! Two creators' bots on one database, and the double of Telegram they talk to.

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use chrono::DateTime;
use coxswain_channels::{
    road::messenger::{Address, Part},
    telegram::{HookState, Telegram, router},
};
use coxswain_domain::{
    ChannelAccountId, Clock, CreatorId, OutboxId, account::CreatorSettings, channel::ChannelKind,
    channel::WidgetSettings, fakes::ManualClock,
};
use coxswain_store::{
    Db,
    channel_accounts::{self, ChannelAccount},
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
    creators::{self, Creator},
    inbox::{self, Received},
    page::Page,
    work::Work,
};
use coxswain_test_support::telegram::{BotToken, FakeTelegram};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) struct Bots {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) router: Router,
}

impl Bots {
    pub(crate) fn new(db: &Db) -> Self {
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()));
        // Nobody handles what arrives: it stays in the inbox, to be looked at.
        let work = Work::new(db.clone(), clock.clone(), Vec::new());
        let router = router(HookState::new(db.clone(), clock.clone(), work));
        Self { db: db.clone(), clock, router }
    }

    /// A creator with this bot.
    pub(crate) async fn connect(&self, bot: &BotToken, handle: &str, webhook: bool) -> Result<Connection> {
        let now = self.clock.now();
        let creator = Creator {
            id: CreatorId::new(now),
            name: format!("Coach of {handle}"),
            settings: CreatorSettings::default(),
            version: 1,
            created_at: now,
        };
        let account = ChannelAccount {
            id: ChannelAccountId::new(now),
            creator_id: creator.id,
            kind: ChannelKind::Telegram,
            name: handle.to_owned(),
            public_key: format!("cxt_{}", Uuid::new_v4().simple()),
            enabled: true,
            settings: WidgetSettings::default(),
            version: 1,
            created_at: now,
        };
        let connection = Connection {
            channel_account_id: account.id,
            creator_id: creator.id,
            kind: ChannelKind::Telegram,
            provider_id: bot.id.to_string(),
            handle: handle.to_owned(),
            credentials: Credentials::Telegram {
                token: bot.token.clone(),
                webhook_secret: Uuid::new_v4().simple().to_string(),
            },
            settings: ConnectionSettings { webhook, ..ConnectionSettings::default() },
            state: ConnectionState::Connected,
            state_reason: None,
            next_update: 0,
            checked_at: now,
        };
        let mut tx = self.db.system().await?;
        creators::insert(&mut tx, &creator).await?;
        tx.commit().await?;
        let mut tx = self.db.write(creator.id).await?;
        channel_accounts::insert(&mut tx, &account).await?;
        connections::insert(&mut tx, &connection).await?;
        tx.commit().await?;
        Ok(connection)
    }

    /// Telegram brings an update to an account's address.
    pub(crate) async fn bring(
        &self,
        account: ChannelAccountId,
        secret: Option<&str>,
        raw: impl Into<Body>,
    ) -> Result<StatusCode> {
        let mut request = Request::post(format!("/hooks/telegram/{account}"));
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        Ok(self.router.clone().oneshot(request.body(raw.into())?).await?.status())
    }

    /// What an account has received, oldest first.
    pub(crate) async fn received(&self, of: &Connection) -> Result<Vec<Received>> {
        let mut tx = self.db.read(of.creator_id).await?;
        let mut rows =
            inbox::list(&mut tx, of.creator_id, None, None, Page { limit: 100, after: None }).await?.items;
        rows.reverse();
        Ok(rows)
    }

    /// The connection as it is now.
    pub(crate) async fn now(&self, of: &Connection) -> Result<Connection> {
        let mut tx = self.db.read(of.creator_id).await?;
        let found = connections::get(&mut tx, of.creator_id, of.channel_account_id).await?;
        found.context("the connection is still there")
    }
}

pub(crate) fn secret(of: &Connection) -> &str {
    match &of.credentials {
        Credentials::Telegram { webhook_secret, .. } => webhook_secret,
        Credentials::Whatsapp { .. } => "",
    }
}

/// A private message as Telegram writes it.
pub(crate) fn update(update_id: i64, person: i64, text: &str) -> Value {
    json!({
        "update_id": update_id,
        "message": {
            "message_id": update_id % 1000,
            "from": {"id": person, "is_bot": false, "first_name": "Ada"},
            "chat": {"id": person, "first_name": "Ada", "type": "private"},
            "date": 1_794_999_000,
            "text": text,
        },
    })
}

/// The adapter, at the double.
pub(crate) fn telegram(double: &FakeTelegram) -> Result<Telegram> {
    Ok(Telegram::new(&double.url().parse()?))
}

pub(crate) fn address(person: i64) -> Address {
    Address { user: person.to_string(), phone: None, last_message_id: None }
}

pub(crate) fn part(clock: &dyn Clock, text: &str) -> Part {
    Part { outbox: OutboxId::new(clock.now()), text: text.to_owned(), buttons: Vec::new(), template: None }
}
