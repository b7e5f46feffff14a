//! One arrival being handled: who sent it, what they and the road say, and what follows after the commit.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{
    ClientId, ConversationId, CreatorId, IdentityId, MessageId, TurnId,
    conversation::{Author, Message, MessageStatus},
};
use coxswain_store::{
    Tx, attachments, clients,
    connections::Connection,
    conversations::{self, Burst, NewMessage},
    identities::{self, Met},
    inbox::{Received, State},
    link_codes, outbox,
    work::JobError,
};

use sha2::{Digest, Sha256};

use super::{
    super::{
        Road,
        arrival::Arrival,
        consequences::{self, Closings},
        messenger::{Address, Messenger},
        phrases::{Language, Phrase, say},
        typing,
    },
    Come,
    media::Stored,
};

/// How much of the first message names the conversation, in characters.
const TITLE: usize = 80;
/// The longest text taken in, in characters. Messengers cut theirs at 4,096.
const LONGEST: usize = 16_000;
/// For so long the road does not say the same thing again: ten pictures in a row get one answer.
const ONCE_IN: TimeDelta = TimeDelta::minutes(10);
/// Latest messages among which it would stand.
const LOOK_BACK: u32 = 20;

/// One arrival in its transaction.
pub(super) struct Visit<'a> {
    pub(super) road: &'a Road,
    pub(super) tx: &'a mut Tx,
    pub(super) now: DateTime<Utc>,
    pub(super) creator: CreatorId,
    pub(super) connection: &'a Connection,
    /// Whether the creator has the account switched on.
    enabled: bool,
    /// Whether the creator, or this installation, has all of `WhatsApp` switched off, and it came by that.
    switched_off: bool,
    row: &'a Received,
    pub(super) arrival: &'a Arrival,
    /// The file that came with it.
    pub(super) stored: Option<Stored>,
    pub(super) done: Done,
}

/// Who sent it.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) identity: IdentityId,
    pub(super) client: ClientId,
    /// Where their messenger or their device tells.
    pub(super) language: Option<Language>,
}

/// What became of an arrival.
pub(super) struct Done {
    pub(super) state: State,
    pub(super) problem: Option<String>,
    pub(super) conversation: Option<ConversationId>,
    /// Messages for open streams.
    events: Vec<(i64, Message)>,
    /// Drafts that are worth nothing any more.
    gone: Vec<MessageId>,
    /// The reply the engine will write, and to whom.
    answering: Option<(MessageId, Address)>,
    /// A tap the provider waits to hear about.
    pub(super) tapped: Option<String>,
    /// Rates that close, and until when.
    pub(super) closings: Closings,
    /// Something about the conversation changed that is no message.
    touched: bool,
}

impl Default for Done {
    fn default() -> Self {
        Self {
            state: State::Done,
            problem: None,
            conversation: None,
            events: Vec::new(),
            gone: Vec::new(),
            answering: None,
            tapped: None,
            closings: Closings::new(),
            touched: false,
        }
    }
}

impl Done {
    /// Understood, and nothing is to be done about it.
    pub(super) fn ignored(why: &str) -> Self {
        Self::of(State::Ignored, why.to_owned())
    }

    /// Settled as this, for a reason.
    pub(super) fn of(state: State, why: String) -> Self {
        Self { state, problem: Some(why), ..Self::default() }
    }

    /// What happens once it is durable. None of it has to.
    pub(super) async fn follow(self, road: &Road, connection: &Connection, messenger: Arc<dyn Messenger>) {
        if let Err(error) = consequences::close(&road.db, road.clock.now(), self.closings).await {
            tracing::warn!(%error, "a rate could not be closed");
        }
        let Some(conversation) = self.conversation else { return };
        let growing = road.live.join(conversation).growing;
        if growing.is_some_and(|growing| self.gone.contains(&growing.message_id)) {
            road.live.cancel(conversation);
        }
        road.announce(conversation, self.events);
        if self.touched {
            road.live.touch(conversation);
        }
        if let Some(query) = self.tapped {
            messenger.tapped(connection, &query).await;
        }
        if let Some((reply, address)) = self.answering {
            typing::show(road, connection.clone(), messenger, address, (conversation, reply));
        }
    }
}

impl<'a> Visit<'a> {
    pub(super) fn new(road: &'a Road, tx: &'a mut Tx, come: &'a Come) -> Self {
        let Come { row, connection, enabled, switched_off, arrival } = come;
        let (now, creator, done) = (road.clock.now(), connection.creator_id, Done::default());
        Self {
            road,
            tx,
            now,
            creator,
            connection,
            enabled: *enabled,
            switched_off: *switched_off,
            row,
            arrival,
            stored: None,
            done,
        }
    }

    /// When they sent it, by the provider's clock where it tells; never in the future.
    pub(super) fn sent_at(&self) -> DateTime<Utc> {
        let told = Some(self.arrival.sent_at).filter(|at| *at != DateTime::UNIX_EPOCH);
        told.or(self.row.sent_at).unwrap_or(self.row.received_at).min(self.now)
    }

    /// Finds or makes the client who sent it, and notes that they can be reached.
    pub(super) async fn meet(&mut self) -> Result<Person, JobError> {
        let sender = &self.arrival.sender;
        if sender.id.is_empty() {
            return Err(JobError::Fail("nobody is named as its sender".into()));
        }
        let met = Met {
            account: self.connection.channel_account_id,
            id: &sender.id,
            aliases: &sender.aliases,
            name: sender.name.as_deref(),
            locale: sender.locale.as_deref(),
        };
        let identity = identities::meet(self.tx, self.now, self.creator, met).await?.identity;
        let (sent_at, message) = (self.sent_at(), self.arrival.message_id.as_deref());
        identities::heard(self.tx, self.creator, identity.id, sent_at, message).await?;
        let client = clients::get(self.tx, self.creator, identity.client_id).await?;
        let locale = client.and_then(|client| client.locale);
        let language = locale.as_deref().or(sender.locale.as_deref()).map(Language::of_tag);
        Ok(Person { identity: identity.id, client: identity.client_id, language })
    }

    /// Their conversation, begun when there is none.
    pub(super) async fn conversation(
        &mut self,
        person: &Person,
        title: &str,
    ) -> Result<ConversationId, JobError> {
        if let Some(known) = self.done.conversation {
            return Ok(known);
        }
        let id = conversations::open_for(self.tx, self.now, self.creator, person.identity, title).await?;
        self.done.conversation = Some(id);
        Ok(id)
    }

    /// Takes in what they wrote, to be answered together with what follows at once.
    pub(super) async fn ask(&mut self, person: &Person, text: &str) -> Result<(), JobError> {
        let text = usable(text);
        if text.is_empty() {
            self.done.state = State::Ignored;
            self.done.problem = Some("it says nothing".into());
            return Ok(());
        }
        if !self.enabled {
            self.done.problem = Some("the account is switched off, so nobody answers".into());
            return self.note(person, &text).await;
        }
        if self.switched_off {
            self.note(person, &text).await?;
            return self.point_elsewhere(person).await;
        }
        let conversation = self.conversation(person, &title(&text)).await?;
        let settings = &self.road.settings;
        let burst = Burst {
            conversation,
            text: &text,
            client_message_id: Some(self.row.id.0),
            window: TimeDelta::from_std(settings.burst_quiet).unwrap_or_default(),
            longest: TimeDelta::from_std(settings.burst_longest).unwrap_or_default(),
        };
        let accepted = conversations::accept_burst(self.tx, self.now, self.creator, burst, None).await?;
        if accepted.repeated {
            return Ok(());
        }
        self.done.gone = accepted.dropped.gone;
        self.done.events.extend(accepted.dropped.cancelled);
        self.done.events.push(accepted.message);
        if let Some((seq, reply)) = accepted.reply {
            self.done.answering = Some((reply.id, self.address()));
            self.done.events.push((seq, reply));
        }
        Ok(())
    }

    /// Records what they wrote, with the file that came, for people to read; the engine does not answer it.
    pub(super) async fn note(&mut self, person: &Person, text: &str) -> Result<(), JobError> {
        let text = usable(text);
        let conversation = self.conversation(person, &title(&text)).await?;
        let message = self.add(conversation, Author::Client, &text).await?;
        if let Some(stored) = self.stored.take() {
            let attachment = stored.of(self.now, conversation, message.id);
            attachments::insert(self.tx, self.creator, &attachment).await?;
        }
        Ok(())
    }

    /// Says something of the road's own, in their language, unless it was just said.
    pub(super) async fn say(
        &mut self,
        person: &Person,
        phrase: Phrase,
        language: Option<Language>,
    ) -> Result<(), JobError> {
        let language = match language {
            Some(language) => language,
            None => self.language(person).await?,
        };
        self.reply(person, say(phrase, language)).await
    }

    /// The language to speak with them.
    pub(super) async fn language(&mut self, person: &Person) -> Result<Language, JobError> {
        match person.language {
            Some(language) => Ok(language),
            None => self.overheard(person).await,
        }
    }

    /// The language they have been writing in.
    async fn overheard(&mut self, person: &Person) -> Result<Language, JobError> {
        let conversation = self.conversation(person, "").await?;
        let latest =
            conversations::list_messages(self.tx, self.creator, conversation, i64::MAX, LOOK_BACK).await?;
        let words = latest.iter().filter(|(_, message)| message.author == Author::Client);
        Ok(Language::of_text(&words.map(|(_, message)| message.text.as_str()).collect::<Vec<_>>().join(" ")))
    }

    /// Says these words, unless they were just said.
    pub(super) async fn reply(&mut self, person: &Person, text: &str) -> Result<(), JobError> {
        if !self.enabled {
            return Ok(());
        }
        if self.switched_off {
            return self.point_elsewhere(person).await;
        }
        let conversation = self.conversation(person, "").await?;
        let latest =
            conversations::list_messages(self.tx, self.creator, conversation, i64::MAX, LOOK_BACK).await?;
        let said = |message: &Message| {
            message.author == Author::Engine
                && message.text == text
                && self.now - message.created_at < ONCE_IN
        };
        if latest.iter().any(|(_, message)| said(message)) {
            return Ok(());
        }
        let message = self.add(conversation, Author::Engine, text).await?;
        outbox::post(self.tx, self.now, self.creator, &message).await?;
        Ok(())
    }

    pub(super) async fn add(
        &mut self,
        conversation: ConversationId,
        author: Author,
        text: &str,
    ) -> Result<Message, JobError> {
        let message = NewMessage {
            conversation,
            turn: TurnId::new(self.now),
            author,
            text,
            status: MessageStatus::Done,
            client_message_id: None,
        };
        let added = conversations::add_message(self.tx, self.now, self.creator, message).await?;
        self.done.events.push(added.clone());
        Ok(added.1)
    }

    /// Notes that they want nothing unprompted, or want it again.
    pub(super) async fn opt_out(&mut self, person: &Person, out: bool) -> Result<(), JobError> {
        identities::set_opted_out(self.tx, self.now, self.creator, person.identity, out).await?;
        Ok(())
    }

    /// Has the team see that they wait for a person.
    pub(super) async fn want_human(&mut self, person: &Person) -> Result<(), JobError> {
        let conversation = self.conversation(person, "").await?;
        if conversations::want_human(self.tx, self.now, self.creator, conversation).await? {
            self.done.touched = true;
        }
        Ok(())
    }

    /// Whether the engine is writing to them at this moment.
    pub(super) async fn is_answering(&mut self, person: &Person) -> Result<bool, JobError> {
        let conversation = self.conversation(person, "").await?;
        let latest =
            conversations::list_messages(self.tx, self.creator, conversation, i64::MAX, LOOK_BACK).await?;
        Ok(latest.iter().any(|(_, message)| message.status == MessageStatus::Streaming))
    }

    /// Binds this identity to the client a code was made for. False: the code is wrong, spent or too old.
    pub(super) async fn redeem(&mut self, person: &mut Person, code: &str) -> Result<bool, JobError> {
        let hash = Sha256::digest(code.as_bytes());
        let Some(client) = link_codes::redeem(self.tx, self.now, self.creator, &hash).await? else {
            return Ok(false);
        };
        if !identities::link(self.tx, self.now, self.creator, person.identity, client).await? {
            return Ok(false);
        }
        person.client = client;
        let locale = clients::get(self.tx, self.creator, client).await?.and_then(|client| client.locale);
        person.language = locale.as_deref().map(Language::of_tag).or(person.language);
        Ok(true)
    }

    /// Where to answer them, with the message they just sent.
    fn address(&self) -> Address {
        let sender = &self.arrival.sender;
        Address {
            user: sender.id.clone(),
            phone: phone(&sender.aliases),
            last_message_id: self.arrival.message_id.clone(),
        }
    }
}

/// The phone number among a person's names: digits only, where a business-scoped id has letters.
pub(in super::super) fn phone(aliases: &[String]) -> Option<String> {
    aliases.iter().find(|alias| alias.len() > 5 && alias.bytes().all(|byte| byte.is_ascii_digit())).cloned()
}

/// The text without what no database keeps and nobody can see.
fn usable(text: &str) -> String {
    let text = text.replace('\0', "");
    text.trim().chars().take(LONGEST).collect()
}

fn title(text: &str) -> String {
    let line = text.lines().next().unwrap_or(text);
    if line.chars().count() <= TITLE {
        return line.to_owned();
    }
    line.chars().take(TITLE - 1).chain(['…']).collect()
}
