//! Tells those who watch a creator's documents, within this process, which of them changed.
//!
//! A hint only: what changed is in the database, and watchers look there anyway now and then,
//! because another node may have done the work.

use std::{collections::HashMap, sync::Arc};

use coxswain_domain::{CreatorId, DocumentId};
use parking_lot::Mutex;
use tokio::sync::broadcast;

/// Changes a slow watcher may lag behind before it has to look at the database.
const BACKLOG: usize = 256;

/// The process-wide hub of document changes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<HashMap<CreatorId, broadcast::Sender<DocumentId>>>>);

impl Progress {
    /// Watches a creator's documents from now on.
    pub fn watch(&self, creator: CreatorId) -> broadcast::Receiver<DocumentId> {
        self.0.lock().entry(creator).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }

    /// Says that a document changed, once the change is committed.
    pub fn changed(&self, creator: CreatorId, document: DocumentId) {
        let mut rooms = self.0.lock();
        if let Some(room) = rooms.get(&creator)
            && room.send(document).is_err()
        {
            rooms.remove(&creator);
        }
    }
}
