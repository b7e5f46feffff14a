//! The messengers, as the server puts them together: the road, the adapters, and what the hub asks of them.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use coxswain_channels::{
    road::{
        Jitter, Messengers, Road, RoadParts, RoadSettings,
        messenger::{Address, Code, Messenger, Part, Refusal},
    },
    telegram::{ConnectError, Poller, Telegram},
    whatsapp::{self, Whatsapp, WhatsappSettings},
};
use coxswain_creator_hub::messengers::{
    self as hub, Account, MessengerError, ProviderStanding, ProviderTemplate, WhatsappNumber,
};
use coxswain_domain::{OutboxId, SharedClock, channel::ChannelKind};
use coxswain_store::{connections::Connection, files::Files};
use url::Url;
use uuid::Uuid;

use crate::{config::Config, engine::Engine};

/// The adapters, cheap to clone.
#[derive(Clone)]
pub(crate) struct Adapters {
    pub(crate) telegram: Telegram,
    pub(crate) whatsapp: Whatsapp,
    pub(crate) whatsapp_settings: WhatsappSettings,
}

impl Adapters {
    /// The adapters the configuration names. Nothing is connected to yet.
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let settings = WhatsappSettings {
            graph_url: config.whatsapp.graph_url.clone(),
            version: config.whatsapp.graph_version.clone(),
            app_secret: config.whatsapp.app_secret.expose().to_owned(),
            verify_token: config.whatsapp.verify_token.expose().to_owned(),
        };
        Ok(Self {
            telegram: Telegram::new(&config.telegram.api_url.parse().context("telegram.api_url")?),
            whatsapp: Whatsapp::new(&settings).context("no client for WhatsApp can be made")?,
            whatsapp_settings: settings,
        })
    }
}

/// The road over an engine's parts and the adapters.
pub(crate) fn road(config: &Config, engine: &Engine, media: Files, adapters: &Adapters) -> Road {
    let messengers = Messengers::from([
        (ChannelKind::Telegram, Arc::new(adapters.telegram.clone()) as Arc<dyn Messenger>),
        (ChannelKind::Whatsapp, Arc::new(adapters.whatsapp.clone()) as Arc<dyn Messenger>),
    ]);
    Road::new(RoadParts {
        db: engine.db.clone(),
        clock: Arc::clone(&engine.clock),
        live: engine.live.clone(),
        media,
        messengers,
        settings: RoadSettings {
            burst_quiet: Duration::from_millis(config.road.burst_quiet_ms),
            burst_longest: Duration::from_millis(config.road.burst_longest_ms),
            sends_per_account: config.road.sends_per_account,
            reconcile: Duration::from_secs(config.road.reconcile_seconds),
            whatsapp: config.whatsapp.enabled,
        },
        // Nodes that were refused together should not come back together.
        jitter: Jitter::seeded(Uuid::new_v4().as_u64_pair().1),
    })
}

/// What the hub asks of the providers.
pub(crate) struct Providers {
    pub(crate) adapters: Adapters,
    pub(crate) poller: Poller,
    pub(crate) clock: SharedClock,
    /// Whether `WhatsApp` is used on this server.
    pub(crate) whatsapp: bool,
    /// Where the world reaches this server, where it is said.
    pub(crate) public_url: Option<Url>,
}

fn refused(refusal: Refusal) -> MessengerError {
    match refusal.code {
        Code::Unreachable | Code::Ambiguous | Code::Http(500..=599) => {
            MessengerError::Unreachable(refusal.detail)
        }
        code => MessengerError::Refused { code: code.name(), detail: refusal.detail },
    }
}

#[async_trait]
impl hub::Messengers for Providers {
    async fn check_telegram(&self, token: &str) -> Result<Account, MessengerError> {
        let bot = self.adapters.telegram.check(token).await.map_err(refused)?;
        Ok(Account { provider_id: bot.id, handle: bot.handle, name: bot.name })
    }

    async fn check_whatsapp(&self, number: &WhatsappNumber) -> Result<Account, MessengerError> {
        let WhatsappNumber { phone_number_id, business_account_id, access_token } = number;
        let whatsapp = &self.adapters.whatsapp;
        let found = whatsapp::connect::verify(whatsapp, phone_number_id, business_account_id, access_token)
            .await
            .map_err(refused)?;
        Ok(Account { provider_id: found.id, handle: found.display_phone_number, name: found.verified_name })
    }

    async fn attach(&self, connection: &Connection) -> Result<(), MessengerError> {
        match connection.kind {
            ChannelKind::Telegram => {
                let attached = self.adapters.telegram.attach(connection, self.public_url.as_ref()).await;
                attached.map_err(|error| match error {
                    ConnectError::Refused(refusal) => refused(refusal),
                    ConnectError::NotSetUp(what) => MessengerError::NotSetUp(what),
                })?;
                self.poller.wake();
                Ok(())
            }
            ChannelKind::Whatsapp if !self.whatsapp => {
                let what = "WhatsApp is switched off on this server: set whatsapp.enabled to let it be used.";
                Err(MessengerError::NotSetUp(what.into()))
            }
            ChannelKind::Whatsapp if self.adapters.whatsapp_settings.app_secret.is_empty() => {
                let what = "Set whatsapp.app_secret and whatsapp.verify_token: without them no message of WhatsApp's comes in.";
                Err(MessengerError::NotSetUp(what.into()))
            }
            ChannelKind::Whatsapp => {
                whatsapp::connect::subscribe(&self.adapters.whatsapp, connection).await.map_err(refused)
            }
            ChannelKind::Widget => Ok(()),
        }
    }

    async fn detach(&self, connection: &Connection) -> Result<(), MessengerError> {
        if connection.kind != ChannelKind::Telegram {
            // Other numbers of the business account may go on: its subscription stays.
            return Ok(());
        }
        let detached = self.adapters.telegram.detach(connection).await.map_err(refused);
        self.poller.wake();
        detached
    }

    async fn send_test(
        &self,
        connection: &Connection,
        to: &str,
        text: &str,
    ) -> Result<String, MessengerError> {
        if connection.kind == ChannelKind::Telegram {
            return self.adapters.telegram.send_test(connection, to, text).await.map_err(refused);
        }
        let to = Address { user: to.to_owned(), phone: None, last_message_id: None };
        let part = Part {
            outbox: OutboxId::new(self.clock.now()),
            text: text.to_owned(),
            buttons: Vec::new(),
            template: None,
        };
        let accepted = self.adapters.whatsapp.send(connection, &to, &part).await.map_err(refused)?;
        Ok(accepted.message_id)
    }

    async fn standing(&self, connection: &Connection) -> Result<Option<ProviderStanding>, MessengerError> {
        if connection.kind != ChannelKind::Whatsapp {
            return Ok(None);
        }
        let found =
            whatsapp::connect::standing(&self.adapters.whatsapp, connection).await.map_err(refused)?;
        let whatsapp::connect::NumberStanding { quality, tier, people_a_day } = found;
        Ok(Some(ProviderStanding { quality, tier, people_a_day }))
    }

    async fn templates(&self, connection: &Connection) -> Result<Vec<ProviderTemplate>, MessengerError> {
        if connection.kind != ChannelKind::Whatsapp {
            return Ok(Vec::new());
        }
        let found = whatsapp::templates::fetch(&self.adapters.whatsapp, connection).await.map_err(refused)?;
        Ok(found
            .into_iter()
            .map(|template| ProviderTemplate {
                name: template.name,
                language: template.language,
                category: template.category,
                state: template.state,
                body: template.body,
                parameters: template.parameters,
            })
            .collect())
    }
}
