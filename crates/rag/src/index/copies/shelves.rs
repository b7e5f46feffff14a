//! Creators' copies in memory, within a budget.

use std::collections::HashMap;
use std::sync::Arc;

use coxswain_domain::{CreatorId, IndexId};
use parking_lot::{Mutex, RwLock};

use super::snapshot::Snapshot;

pub(super) type Key = (CreatorId, IndexId);

/// One creator's copy, and the right to refresh it.
pub(in crate::index) struct Shelf {
    pub(super) snapshot: RwLock<Snapshot>,
    pub(super) refreshing: tokio::sync::Mutex<()>,
}

struct Entry {
    shelf: Arc<Shelf>,
    /// When it was last taken, in takes.
    taken: u64,
    bytes: usize,
}

#[derive(Default)]
struct State {
    entries: HashMap<Key, Entry>,
    takes: u64,
}

/// Shelves by creator and index. The least recently taken go first when memory runs short; a
/// general cache would refuse an entry above its budget, and such a creator would be read from
/// the store with every question.
pub(super) struct Shelves {
    budget: usize,
    state: Mutex<State>,
}

impl Shelves {
    pub(super) fn new(budget: usize) -> Self {
        Self { budget, state: Mutex::default() }
    }

    /// The shelf of this key, empty at first.
    pub(super) fn take(&self, key: Key, dimension: u32) -> Arc<Shelf> {
        let mut state = self.state.lock();
        state.takes += 1;
        let now = state.takes;
        let entry = state.entries.entry(key).or_insert_with(|| Entry {
            shelf: Arc::new(Shelf {
                snapshot: RwLock::new(Snapshot::new(dimension)),
                refreshing: tokio::sync::Mutex::default(),
            }),
            taken: now,
            bytes: 0,
        });
        entry.taken = now;
        Arc::clone(&entry.shelf)
    }

    /// Measures the shelf that was just refreshed and lets others go until all fit.
    pub(super) fn trim(&self, refreshed: Key) {
        let mut state = self.state.lock();
        if let Some(entry) = state.entries.get_mut(&refreshed) {
            entry.bytes = entry.shelf.snapshot.read().bytes();
        }
        let mut held: usize = state.entries.values().map(|entry| entry.bytes).sum();
        while held > self.budget {
            let others = state.entries.iter().filter(|(key, _)| **key != refreshed);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.taken).map(|(key, _)| *key) else {
                break;
            };
            held -= state.entries.remove(&oldest).map_or(0, |entry| entry.bytes);
        }
    }

    pub(super) fn forget(&self, key: Key) {
        self.state.lock().entries.remove(&key);
    }

    pub(super) fn bytes(&self) -> usize {
        self.state.lock().entries.values().map(|entry| entry.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn key(n: i64) -> Key {
        let at = DateTime::from_timestamp(n, 0).unwrap();
        (CreatorId::new(at), IndexId::new(at))
    }

    #[test]
    fn the_least_recently_taken_goes_and_the_largest_may_stay() {
        let shelves = Shelves::new(100);
        let (a, b, c) = (key(1), key(2), key(3));
        for (key, bytes) in [(a, 40), (b, 40)] {
            shelves.take(key, 4);
            shelves.state.lock().entries.get_mut(&key).unwrap().bytes = bytes;
        }
        let kept = shelves.take(a, 4);
        shelves.take(c, 4);
        shelves.state.lock().entries.get_mut(&a).unwrap().bytes = 200;
        shelves.trim(c);
        assert_eq!(shelves.state.lock().entries.len(), 1, "only the one in use is left");
        assert!(!Arc::ptr_eq(&kept, &shelves.take(a, 4)));
    }
}
