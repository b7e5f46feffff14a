//! People to test with: a creator with a widget, and clients who came through it.

use anyhow::Result;
use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId, ClientId, ConsentId, ConversationId, CreatorId,
    account::CreatorSettings,
    channel::{ChannelKind, WidgetSettings},
    conversation::ConversationKind,
};
use coxswain_store::{
    Db,
    channel_accounts::{self, ChannelAccount},
    clients::{self, Client},
    consents::{self, Consent, Evidence},
    conversations::{self, Conversation},
    creators::{self, Creator},
    schedule,
};

/// A moment, from RFC 3339.
///
/// # Panics
/// When the text is not one: a mistake in the test.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment in RFC 3339")
}

/// A creator with one widget.
#[derive(Clone, Copy, Debug)]
pub struct Coach {
    /// The creator.
    pub id: CreatorId,
    /// Their widget.
    pub widget: ChannelAccountId,
}

/// A client with a conversation in the widget.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The client.
    pub id: ClientId,
    /// Their conversation.
    pub conversation: ConversationId,
}

impl Coach {
    /// Adds a creator and their widget, switched on.
    pub async fn new(db: &Db, now: DateTime<Utc>, settings: CreatorSettings) -> Result<Self> {
        let coach = Self { id: CreatorId::new(now), widget: ChannelAccountId::new(now) };
        let mut tx = db.system().await?;
        let creator = Creator { id: coach.id, name: "Coach".into(), settings, version: 1, created_at: now };
        creators::insert(&mut tx, &creator).await?;
        tx.commit().await?;
        let mut tx = db.write(coach.id).await?;
        let widget = ChannelAccount {
            id: coach.widget,
            creator_id: coach.id,
            kind: ChannelKind::Widget,
            name: "Website".into(),
            public_key: format!("cxw_{}", coach.widget),
            enabled: true,
            settings: WidgetSettings { check_ins_offered: true, ..WidgetSettings::default() },
            version: 1,
            created_at: now,
        };
        channel_accounts::insert(&mut tx, &widget).await?;
        tx.commit().await?;
        Ok(coach)
    }

    /// Adds a client who lives in `zone`, with an empty conversation.
    pub async fn client(&self, db: &Db, now: DateTime<Utc>, zone: Option<&str>) -> Result<Person> {
        let person = Person { id: ClientId::new(now), conversation: ConversationId::new(now) };
        let client = Client {
            id: person.id,
            display_name: "Visitor".into(),
            time_zone: zone.map(str::to_owned),
            locale: Some("en".into()),
            created_at: now,
            last_seen_at: now,
        };
        let conversation = Conversation {
            id: person.conversation,
            kind: ConversationKind::Client,
            client_id: Some(person.id),
            channel_account_id: Some(self.widget),
            member_id: None,
            title: String::new(),
            knowledge_base_ids: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        let mut tx = db.write(self.id).await?;
        clients::insert(&mut tx, self.id, &client).await?;
        conversations::create(&mut tx, self.id, &conversation).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// The client agrees to check-ins, as in the widget.
    pub async fn agree(&self, db: &Db, now: DateTime<Utc>, person: Person) -> Result<()> {
        let consent = Consent {
            id: ConsentId::new(now),
            client_id: person.id,
            channel_account_id: self.widget,
            purpose: consents::CHECK_INS.into(),
            evidence: Evidence {
                channel: "widget".into(),
                shown: Some("May your coach write first?".into()),
                time_zone: "UTC".into(),
                user_agent: None,
            },
            granted_at: now,
            withdrawn_at: None,
        };
        let mut tx = db.write(self.id).await?;
        consents::grant(&mut tx, self.id, &consent).await?;
        schedule::reschedule_client(&mut tx, now, self.id, person.id).await?;
        Ok(tx.commit().await?)
    }

    /// The client withdraws that, as in the widget.
    pub async fn withdraw(&self, db: &Db, now: DateTime<Utc>, person: Person) -> Result<()> {
        let mut tx = db.write(self.id).await?;
        consents::withdraw(&mut tx, now, self.id, person.id, consents::CHECK_INS).await?;
        schedule::reschedule_client(&mut tx, now, self.id, person.id).await?;
        Ok(tx.commit().await?)
    }
}
