//! People who write to a creator's channels.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::{
    AttachmentId, ChannelAccountId, ConversationId, MessageId, TurnId, VersionId,
    attachment::AttachmentKind,
    conversation::{Author, MessageStatus},
};
use coxswain_store::{
    attachments::{self, Attachment},
    conversations::{self, Burst, NewMessage, Settled},
    identities::{self, Identity, Met},
};
use serde_json::{Value, json};

use crate::app::{App, Login, text};

/// Somebody who wrote.
pub(crate) struct Person {
    pub(crate) identity: Identity,
    pub(crate) conversation: ConversationId,
    /// The engine's answer, still unwritten; none when a person answers.
    pub(crate) reply: Option<MessageId>,
}

impl App {
    /// Connects a bot.
    pub(crate) async fn bot(&self, login: &Login, id: &str) -> Result<Value> {
        let form = json!({ "token": format!("{id}:secret") });
        self.post("/api/v1/channels/telegram").by(login).json(&form).send().await?.expect(201)
    }

    /// Connects a number.
    pub(crate) async fn number(&self, login: &Login, id: &str) -> Result<Value> {
        let form = json!({ "phone_number_id": id, "business_account_id": "77", "access_token": "secret" });
        self.post("/api/v1/channels/whatsapp").by(login).json(&form).send().await?.expect(201)
    }

    /// Somebody writes to a channel, now.
    pub(crate) async fn writes(
        &self,
        login: &Login,
        channel: &Value,
        who: &str,
        text: &str,
    ) -> Result<Person> {
        let account: ChannelAccountId = crate::app::text(&channel["id"]).parse()?;
        let now = coxswain_domain::Clock::now(&*self.clock);
        let creator = login.creator;
        let mut tx = self.db.write(creator).await?;
        let met = Met { account, id: who, aliases: &[], name: Some(who), locale: None };
        let identity = identities::meet(&mut tx, now, creator, met).await?.identity;
        identities::heard(&mut tx, creator, identity.id, now, None).await?;
        let conversation = conversations::open_for(&mut tx, now, creator, identity.id, text).await?;
        let at_once = TimeDelta::zero();
        let burst = Burst { conversation, text, client_message_id: None, window: at_once, longest: at_once };
        let taken = conversations::accept_burst(&mut tx, now, creator, burst, None).await?;
        tx.commit().await?;
        Ok(Person { identity, conversation, reply: taken.reply.map(|(_, reply)| reply.id) })
    }

    /// The engine answers what somebody wrote. False: it may not any more.
    pub(crate) async fn answers(&self, login: &Login, person: &Person, text: &str) -> Result<bool> {
        let now = coxswain_domain::Clock::now(&*self.clock);
        let mut tx = self.db.write(login.creator).await?;
        let end = Settled {
            status: MessageStatus::Done,
            text: text.into(),
            abstained: false,
            citations: Vec::new(),
            problem: None,
        };
        let reply = person.reply.context("an answer that waits to be written")?;
        let settled = conversations::settle(&mut tx, now, login.creator, reply, &end).await?;
        tx.commit().await?;
        Ok(settled.is_some())
    }

    /// Somebody sends a file.
    pub(crate) async fn sends_file(
        &self,
        login: &Login,
        person: &Person,
        name: &str,
        content: &[u8],
    ) -> Result<Attachment> {
        let now = coxswain_domain::Clock::now(&*self.clock);
        let creator = login.creator;
        let mut incoming = self.media.receive(creator, VersionId::new(now), 1 << 20).await?;
        incoming.write(content).await?;
        let kept = incoming.keep().await?;
        let mut tx = self.db.write(creator).await?;
        let text = format!("📎 {name}");
        let new = NewMessage {
            conversation: person.conversation,
            turn: TurnId::new(now),
            author: Author::Client,
            text: &text,
            status: MessageStatus::Done,
            client_message_id: None,
        };
        let (_, message) = conversations::add_message(&mut tx, now, creator, new).await?;
        let attachment = Attachment {
            id: AttachmentId::new(now),
            conversation_id: person.conversation,
            message_id: Some(message.id),
            place: 0,
            file_key: kept.key.clone(),
            name: name.into(),
            kind: AttachmentKind::Pdf,
            mime: "application/pdf".into(),
            bytes: i64::try_from(content.len())?,
            created_at: now,
        };
        attachments::insert(&mut tx, creator, &attachment).await?;
        tx.commit().await?;
        kept.commit();
        Ok(attachment)
    }

    /// What is at a path, to one who may see it.
    pub(crate) async fn see(&self, login: &Login, path: &str) -> Result<Value> {
        self.get(path).by(login).send().await?.expect(200)
    }

    /// What the audit log says was done, the latest first.
    pub(crate) async fn done(&self, login: &Login, action: &str) -> Result<Vec<String>> {
        let log = self.see(login, &format!("/api/v1/audit?action={action}")).await?;
        Ok(log["items"].as_array().into_iter().flatten().map(|entry| text(&entry["action"])).collect())
    }
}
