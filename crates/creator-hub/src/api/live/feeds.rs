//! A socket's subscriptions.

use std::{collections::HashMap, pin::pin};

use coxswain_domain::{CreatorId, conversation::Message};
use coxswain_http::{
    Problem, Result,
    events::{self, Event, Wanted},
};
use coxswain_store::StoreError;
use futures::{Stream, StreamExt};
use tokio_util::task::AbortOnDropHandle;

use super::{
    frames::{LiveEvent, LiveNote, LiveProblem, Topic, Wish},
    queue::{Cut, Queue},
};
use crate::{
    HubState,
    api::{conversations, inbox},
};

/// What one socket is told. Dropping it ends all of it.
pub(super) struct Feeds {
    hub: HubState,
    creator: CreatorId,
    queue: Queue,
    open: HashMap<Topic, AbortOnDropHandle<()>>,
}

impl Feeds {
    pub(super) fn new(hub: HubState, creator: CreatorId, queue: Queue) -> Self {
        Self { hub, creator, queue, open: HashMap::new() }
    }

    /// Does what a frame asks, or says why not.
    pub(super) async fn take(&mut self, text: &str) -> Result<(), Cut> {
        match self.wish(text).await {
            Ok(done) => done,
            Err(problem) => self.queue.send(&LiveProblem::refused(problem)).await,
        }
    }

    async fn wish(&mut self, text: &str) -> Result<Result<(), Cut>> {
        let hub = self.hub.clone();
        Ok(match Wish::read(text)? {
            Wish::No(topic) => {
                self.open.remove(&topic);
                self.queue.send(&LiveNote::unsubscribed(topic)).await
            }
            Wish::Inbox { part, after } => {
                self.room_for(Topic::Inbox)?;
                let told = inbox::follow(hub, self.creator, after, part).await?;
                self.begin(Topic::Inbox, told).await
            }
            Wish::Conversation { id, after } => {
                self.room_for(Topic::Conversation(id))?;
                let wanted = Wanted { creator: self.creator, conversation: id, after, until: None };
                let told = talk(hub, wanted).await?;
                self.begin(Topic::Conversation(id), told).await
            }
        })
    }

    /// Makes room by ending the subscription this one replaces.
    fn room_for(&mut self, topic: Topic) -> Result<()> {
        self.open.remove(&topic);
        self.open.retain(|_, feed| !feed.is_finished());
        let most = self.hub.limits.sockets.subscriptions;
        if self.open.len() < most {
            return Ok(());
        }
        let detail =
            format!("A socket has at most {most} subscriptions. Unsubscribe from one, or open another.");
        Err(Problem::conflict("too_many_subscriptions", detail))
    }

    async fn begin(
        &mut self,
        topic: Topic,
        told: impl Stream<Item = Result<Vec<Event>, StoreError>> + Send + 'static,
    ) -> Result<(), Cut> {
        self.queue.send(&LiveNote::subscribed(topic)).await?;
        let feed = tokio::spawn(feed(topic, told, self.queue.clone()));
        self.open.insert(topic, AbortOnDropHandle::new(feed));
        Ok(())
    }
}

/// What happens in a conversation, if it is the creator's.
async fn talk(
    hub: HubState,
    wanted: Wanted,
) -> Result<impl Stream<Item = Result<Vec<Event>, StoreError>> + Send + 'static> {
    let mut tx = hub.db.read(wanted.creator).await?;
    conversations::find(&mut tx, wanted.creator, wanted.conversation).await?;
    drop(tx);
    let joined = hub.live.join(wanted.conversation);
    Ok(events::conversation(hub.db.clone(), hub.live.clone(), joined, wanted, None, Message::clone))
}

/// Passes events on until the peer is cut off or the database cannot be read.
async fn feed(topic: Topic, told: impl Stream<Item = Result<Vec<Event>, StoreError>>, queue: Queue) {
    let mut told = pin!(told);
    while let Some(packet) = told.next().await {
        match packet {
            Ok(events) => {
                for event in events {
                    if queue.send(&LiveEvent::new(topic, event)).await.is_err() {
                        return;
                    }
                }
            }
            Err(error) => {
                // Cut off or not, it has ended.
                let _ = queue.send(&LiveProblem::ended(topic, error.into())).await;
                return;
            }
        }
    }
}
