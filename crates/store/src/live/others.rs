//! What other nodes do to the conversations that are read here.
//!
//! As long as anything is read, one task of this process looks at the database for all of it: each creator's
//! conversations in one statement, however many readers there are. It does not listen for notifications:
//! `PostgreSQL` lets transactions that notify commit only one after the other.

use std::{collections::HashMap, sync::atomic::Ordering, time::Duration};

use coxswain_domain::{ConversationId, CreatorId};

use super::{Live, Room};
use crate::{
    Db, Engine, Result,
    conversations::{self, Sight},
};

/// How long the work of another node stays unseen, at most, beside the look itself.
const EVERY: Duration = Duration::from_millis(500);

impl Live {
    /// Looks out for what other nodes do to a conversation, as long as it is read here: readers who joined are told
    /// that it changed. Without other nodes, on `SQLite`, there is nothing to look for.
    pub fn look_out(&self, db: &Db, creator: CreatorId, conversation: ConversationId) {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let mut rooms = self.rooms.lock();
        rooms.entry(conversation).or_insert_with(Room::new).creator = Some(creator);
        if !self.looking.swap(true, Ordering::Relaxed) {
            tokio::spawn(look_on(self.clone(), db.clone()));
        }
    }

    /// The conversations that are read here, by creator. None: nobody reads, and looking has ended.
    fn read_here(&self) -> Option<HashMap<CreatorId, Vec<ConversationId>>> {
        let mut rooms = self.rooms.lock();
        rooms.retain(|_, room| !room.idle());
        let mut read: HashMap<_, Vec<_>> = HashMap::new();
        for (id, room) in rooms.iter().filter(|(_, room)| room.sender.receiver_count() > 0) {
            if let Some(creator) = room.creator {
                read.entry(creator).or_default().push(*id);
            }
        }
        if read.is_empty() {
            self.looking.store(false, Ordering::Relaxed);
            return None;
        }
        Some(read)
    }

    /// Tells the readers of those that are not as they were.
    fn saw(&self, found: Vec<(ConversationId, Sight)>) {
        let mut changed = Vec::new();
        {
            let mut rooms = self.rooms.lock();
            for (id, sight) in found {
                let Some(room) = rooms.get_mut(&id) else { continue };
                // The first look comes after its reader's own: it may have seen less.
                let news = room.seen.replace(sight).is_none_or(|before| {
                    before.handling != sight.handling || before.place.max(room.told) < sight.place
                });
                if news {
                    changed.push(id);
                }
            }
        }
        for id in changed {
            self.touch(id);
        }
    }
}

async fn look_on(live: Live, db: Db) {
    let mut failing = false;
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(read) = live.read_here() else { return };
        let looked = look(&live, &db, read).await;
        if let Err(error) = &looked
            && !failing
        {
            tracing::warn!(%error, "what other nodes do cannot be seen");
        }
        failing = looked.is_err();
    }
}

async fn look(live: &Live, db: &Db, read: HashMap<CreatorId, Vec<ConversationId>>) -> Result<()> {
    for (creator, ids) in read {
        let mut tx = db.read(creator).await?;
        live.saw(conversations::sights(&mut tx, creator, &ids).await?);
    }
    Ok(())
}
