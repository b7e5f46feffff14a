//! The messengers and the answer engine, played by the tests.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use coxswain_creator_hub::{
    messengers::{Account, MessengerError, Messengers, ProviderStanding, ProviderTemplate, WhatsappNumber},
    suggest::{Occasion, Suggest, SuggestError, Suggestion},
};
use coxswain_domain::channel::ChannelKind;
use coxswain_store::connections::Connection;

/// Providers that know every account, until they are told to fail, and remember what they were asked.
#[derive(Default)]
pub(crate) struct Providers {
    asked: Mutex<Vec<String>>,
    failure: Mutex<Option<MessengerError>>,
}

impl Providers {
    /// What was asked since the last look.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on every request fails so; `None`: none does.
    pub(crate) fn fail(&self, failure: Option<MessengerError>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    fn note(&self, what: String) -> Result<(), MessengerError> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Messengers for Providers {
    async fn check_telegram(&self, token: &str) -> Result<Account, MessengerError> {
        self.note(format!("getMe {token}"))?;
        let bot = token.split(':').next().unwrap_or_default();
        Ok(Account { provider_id: bot.into(), handle: format!("bot{bot}"), name: "A bot".into() })
    }

    async fn check_whatsapp(&self, number: &WhatsappNumber) -> Result<Account, MessengerError> {
        self.note(format!("number {}", number.phone_number_id))?;
        let handle = format!("+1 555 {}", number.phone_number_id);
        Ok(Account { provider_id: number.phone_number_id.clone(), handle, name: "A number".into() })
    }

    async fn attach(&self, connection: &Connection) -> Result<(), MessengerError> {
        let webhook = if connection.settings.webhook { "webhook" } else { "polling" };
        self.note(format!("attach {} {webhook}", connection.provider_id))
    }

    async fn detach(&self, connection: &Connection) -> Result<(), MessengerError> {
        self.note(format!("detach {}", connection.provider_id))
    }

    async fn send_test(
        &self,
        connection: &Connection,
        to: &str,
        text: &str,
    ) -> Result<String, MessengerError> {
        self.note(format!("send {} {to} {text}", connection.provider_id))?;
        Ok("m1".into())
    }

    async fn standing(&self, connection: &Connection) -> Result<Option<ProviderStanding>, MessengerError> {
        Ok((connection.kind == ChannelKind::Whatsapp).then(|| ProviderStanding {
            quality: Some("GREEN".into()),
            tier: Some("TIER_2K".into()),
            people_a_day: Some(2_000),
        }))
    }

    async fn templates(&self, connection: &Connection) -> Result<Vec<ProviderTemplate>, MessengerError> {
        self.note(format!("templates {}", connection.provider_id))?;
        Ok(vec![ProviderTemplate {
            name: "check_in".into(),
            language: "en_US".into(),
            category: "UTILITY".into(),
            state: "APPROVED".into(),
            body: "Your coach asks: {{1}}".into(),
            parameters: 1,
        }])
    }
}

/// Suggests to say again what was asked; has nothing to say to "silence".
pub(crate) struct Parrot;

#[async_trait]
impl Suggest for Parrot {
    async fn suggest(&self, occasion: &Occasion) -> Result<Suggestion, SuggestError> {
        if occasion.question == "silence" {
            return Err(SuggestError("nothing to say".into()));
        }
        let before: Vec<_> = occasion.history.iter().map(|message| message.text.as_str()).collect();
        let text = format!("{} (after {before:?})", occasion.question);
        Ok(Suggestion { text, abstained: false, citations: Vec::new() })
    }
}
