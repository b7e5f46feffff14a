//! Where nobody answers by the creator's own decision: one polite line a day says so, and where somebody does.

use chrono::TimeDelta;
use coxswain_domain::{channel::ChannelKind, conversation::Author};
use coxswain_store::{
    channel_accounts,
    connections::{self, ConnectionState},
    outbox::{self, Purpose},
    page::Page,
    work::JobError,
};

use super::{
    super::phrases::{Phrase, say},
    visit::{Person, Visit},
};
use crate::whatsapp::window;

/// The line is said once in so long.
const ONCE_IN: TimeDelta = TimeDelta::hours(24);
/// The most channels it names.
const MOST: usize = 5;

impl Visit<'_> {
    /// Says once a day that nobody answers here, and where somebody does, while the window allows it.
    pub(super) async fn point_elsewhere(&mut self, person: &Person) -> Result<(), JobError> {
        self.done.problem = Some("WhatsApp is switched off, so nobody answers".into());
        let conversation = self.conversation(person, "").await?;
        if !window::is_open(Some(self.sent_at()), self.now) {
            return Ok(());
        }
        let last = outbox::last_notice(self.tx, self.creator, conversation).await?;
        if last.is_some_and(|last| self.now - last < ONCE_IN) {
            return Ok(());
        }
        let language = self.language(person).await?;
        let mut lines = vec![say(Phrase::SwitchedOff, language).to_owned()];
        let others = self.others().await?;
        if !others.is_empty() {
            lines.push(say(Phrase::ReachUsHere, language).to_owned());
            lines.extend(others);
        }
        let message = self.add(conversation, Author::Engine, &lines.join("\n")).await?;
        outbox::post_as(self.tx, self.now, self.creator, &message, Purpose::Notice).await?;
        Ok(())
    }

    /// The addresses of the creator's other channels that work.
    async fn others(&mut self) -> Result<Vec<String>, JobError> {
        let page = Page { limit: 100, after: None };
        let accounts = channel_accounts::list(self.tx, self.creator, page).await?.items;
        let connections = connections::list(self.tx, self.creator).await?;
        let address = |account: channel_accounts::ChannelAccount| match account.kind {
            ChannelKind::Widget => account.settings.allowed_origins.into_iter().next(),
            ChannelKind::Telegram => connections
                .iter()
                .find(|other| {
                    other.channel_account_id == account.id && other.state == ConnectionState::Connected
                })
                .map(|bot| format!("https://t.me/{}", bot.handle)),
            ChannelKind::Whatsapp => None,
        };
        Ok(accounts.into_iter().filter(|account| account.enabled).filter_map(address).take(MOST).collect())
    }
}
