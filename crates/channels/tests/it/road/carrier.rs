//! A messenger that keeps what it is given, and refuses what a test tells it to.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use async_trait::async_trait;
use coxswain_channels::road::{
    arrival::Arrival,
    messenger::{Accepted, Address, Bucket, Code, Messenger, Part, Refusal, TemplateUse, Unreadable},
    sources::Sources,
};
use coxswain_domain::{OutboxId, channel::ChannelKind};
use coxswain_store::connections::Connection;
use parking_lot::Mutex;

/// What a provider says to one request.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// It takes the message.
    Yes,
    /// It does not.
    No(Refusal),
    /// It takes the message, and the connection breaks before it can say so.
    Lost,
}

/// A message the provider has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) over: String,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) id: String,
    pub(crate) outbox: OutboxId,
    pub(crate) template: Option<TemplateUse>,
}

#[derive(Clone, Default)]
pub(crate) struct Carrier(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    arrivals: HashMap<Vec<u8>, Arrival>,
    answers: HashMap<String, VecDeque<Say>>,
    sent: Vec<Sent>,
    tries: Vec<(String, String)>,
}

impl Carrier {
    /// Bytes that mean this arrival.
    pub(crate) fn knows(&self, raw: &[u8], arrival: Arrival) {
        self.0.lock().arrivals.insert(raw.to_vec(), arrival);
    }

    /// What it says to the next messages to this user; after that it takes everything.
    pub(crate) fn answers(&self, user: &str, answers: impl IntoIterator<Item = Say>) {
        self.0.lock().answers.entry(user.to_owned()).or_default().extend(answers);
    }

    /// What it has taken, in order.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.0.lock().sent.clone()
    }

    /// The texts it has taken for a user, in order.
    pub(crate) fn texts(&self, user: &str) -> Vec<String> {
        self.0.lock().sent.iter().filter(|sent| sent.to == user).map(|sent| sent.text.clone()).collect()
    }

    /// How often it was asked to send to a user, whatever it said.
    pub(crate) fn tries(&self, user: &str) -> usize {
        self.0.lock().tries.iter().filter(|(to, _)| to == user).count()
    }
}

/// A refusal with this code.
pub(crate) fn no(code: Code) -> Say {
    Say::No(refusal(code, "as the test told it to"))
}

pub(crate) fn refusal(code: Code, detail: &str) -> Refusal {
    Refusal { code, detail: detail.to_owned(), retry_after: None }
}

#[async_trait]
impl Messenger for Carrier {
    fn read(&self, _connection: &Connection, raw: &[u8]) -> Result<Arrival, Unreadable> {
        let known = self.0.lock().arrivals.get(raw).cloned();
        known.ok_or_else(|| Unreadable("these bytes mean nothing".into()))
    }

    /// A paragraph a part.
    fn parts(&self, text: &str, _sources: Option<&Sources>) -> Vec<String> {
        text.split("\n\n").map(|part| format!("<b>{part}</b>")).collect()
    }

    fn plain(&self, part: &str) -> String {
        part.replace("<b>", "").replace("</b>", "")
    }

    async fn send(&self, connection: &Connection, to: &Address, part: &Part) -> Result<Accepted, Refusal> {
        // Whoever may be interrupted here must survive it.
        tokio::task::yield_now().await;
        let mut inner = self.0.lock();
        inner.tries.push((to.user.clone(), part.text.clone()));
        let say = inner.answers.get_mut(&to.user).and_then(VecDeque::pop_front).unwrap_or(Say::Yes);
        if let Say::No(refusal) = say {
            return Err(refusal);
        }
        let id = format!("sent-{}", inner.sent.len());
        inner.sent.push(Sent {
            over: connection.provider_id.clone(),
            to: to.user.clone(),
            text: part.text.clone(),
            id: id.clone(),
            outbox: part.outbox,
            template: part.template.clone(),
        });
        match say {
            Say::Lost => Err(refusal(Code::Ambiguous, "it timed out")),
            _ => Ok(Accepted { message_id: id }),
        }
    }

    async fn typing(&self, _connection: &Connection, _to: &Address) {}

    async fn fetch(&self, _connection: &Connection, file: &str, _limit: u64) -> Result<Vec<u8>, Refusal> {
        Ok(file.as_bytes().to_vec())
    }

    fn buckets(&self, connection: &Connection, to: &Address) -> Vec<Bucket> {
        let (id, user) = (&connection.provider_id, &to.user);
        let [account, recipient] = match connection.kind {
            ChannelKind::Whatsapp => [format!("wa:number:{id}"), format!("wa:pair:{id}:{user}")],
            _ => [format!("tg:bot:{id}"), format!("tg:chat:{id}:{user}")],
        };
        vec![
            Bucket { key: account, rate: 10.0, burst: 10.0 },
            Bucket { key: recipient, rate: 100.0, burst: 100.0 },
        ]
    }
}
