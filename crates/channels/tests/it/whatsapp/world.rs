//! Two creators with a business number each, and the webhook they share.

use std::sync::Arc;

use anyhow::Result;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use chrono::{DateTime, Utc};
use coxswain_channels::whatsapp::{
    WhatsappSettings,
    webhook::{WebhookState, router},
};
use coxswain_domain::{
    ChannelAccountId, Clock, CreatorId,
    account::CreatorSettings,
    channel::{ChannelKind, WidgetSettings},
    fakes::ManualClock,
};
use coxswain_store::{
    Db,
    channel_accounts::{self, ChannelAccount},
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
    inbox::{self, Received},
    page::Page,
    strays::{self, Stray},
    work::Work,
};
use coxswain_test_support::seed::Coach;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use tower::ServiceExt;

pub(crate) const SECRET: &str = "app-secret-of-the-tests";
pub(crate) const TOKEN: &str = "verify-token-of-the-tests";
const ALL: Page = Page { limit: 100, after: None };

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) router: Router,
}

/// A connection with this number, not stored.
pub(crate) fn connection(
    creator: CreatorId,
    account: ChannelAccountId,
    number: &str,
    now: DateTime<Utc>,
) -> Connection {
    Connection {
        channel_account_id: account,
        creator_id: creator,
        kind: ChannelKind::Whatsapp,
        provider_id: number.to_owned(),
        handle: "+4915550001".into(),
        credentials: Credentials::Whatsapp {
            access_token: "EAAsecretTokenOfTheTests".into(),
            business_account_id: "8100".into(),
        },
        settings: ConnectionSettings::default(),
        state: ConnectionState::Connected,
        state_reason: None,
        next_update: 0,
        checked_at: now,
    }
}

impl World {
    pub(crate) fn new(db: &Db) -> Self {
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()));
        let settings = WhatsappSettings {
            graph_url: "http://127.0.0.1:9".into(),
            version: "v26.0".into(),
            app_secret: SECRET.into(),
            verify_token: TOKEN.into(),
        };
        let work = Work::new(db.clone(), clock.clone(), Vec::new());
        let router = router(WebhookState::new(db.clone(), clock.clone(), work, settings));
        Self { db: db.clone(), clock, router }
    }

    /// A creator with this number.
    pub(crate) async fn number(&self, number: &str) -> Result<Connection> {
        self.connect(number, None).await
    }

    /// As [`Self::number`], with a token and business account of its own.
    pub(crate) async fn connect(&self, number: &str, credentials: Option<Credentials>) -> Result<Connection> {
        let now = self.clock.now();
        let creator = Coach::new(&self.db, now, CreatorSettings::default()).await?.id;
        let account = ChannelAccount {
            id: ChannelAccountId::new(now),
            creator_id: creator,
            kind: ChannelKind::Whatsapp,
            name: "WhatsApp".into(),
            public_key: format!("cxa_{number}"),
            enabled: true,
            settings: WidgetSettings::default(),
            version: 1,
            created_at: now,
        };
        let mut connection = connection(creator, account.id, number, now);
        connection.credentials = credentials.unwrap_or(connection.credentials);
        let mut tx = self.db.write(creator).await?;
        channel_accounts::insert(&mut tx, &account).await?;
        connections::insert(&mut tx, &connection).await?;
        tx.commit().await?;
        Ok(connection)
    }

    pub(crate) async fn post(&self, body: Vec<u8>, signature: Option<String>) -> Result<StatusCode> {
        let mut request = Request::post("/hooks/whatsapp").header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        Ok(self.router.clone().oneshot(request.body(Body::from(body))?).await?.status())
    }

    /// A webhook as Meta signs it.
    pub(crate) async fn hook(&self, body: &[u8]) -> Result<StatusCode> {
        self.post(body.to_vec(), Some(sign(body))).await
    }

    pub(crate) async fn get(&self, query: &str) -> Result<(StatusCode, String)> {
        let request = Request::get(format!("/hooks/whatsapp?{query}")).body(Body::empty())?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await?;
        Ok((status, String::from_utf8(body.to_vec())?))
    }

    /// What a creator's inbox holds.
    pub(crate) async fn inbox(&self, creator: CreatorId) -> Result<Vec<Received>> {
        let mut tx = self.db.read(creator).await?;
        Ok(inbox::list(&mut tx, creator, None, None, ALL).await?.items)
    }

    pub(crate) async fn strays(&self) -> Result<Vec<Stray>> {
        let mut tx = self.db.system_read().await?;
        Ok(strays::list(&mut tx, ALL).await?.items)
    }
}

pub(crate) fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key will do");
    mac.update(body);
    let bytes = mac.finalize().into_bytes();
    bytes.iter().fold("sha256=".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}
