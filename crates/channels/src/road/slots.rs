//! How much happens at once over one account: a slow provider holds up nobody else's.

use std::{collections::HashMap, sync::Arc};

use coxswain_domain::ChannelAccountId;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for what is under way, a few for each account.
pub(super) struct Slots {
    each: usize,
    accounts: Mutex<HashMap<ChannelAccountId, Arc<Semaphore>>>,
}

impl Slots {
    /// So many for each account.
    pub(super) fn new(each: usize) -> Self {
        Self { each: each.max(1), accounts: Mutex::default() }
    }

    /// A place, held until it is dropped. `None`: all are taken.
    pub(super) fn take(&self, account: ChannelAccountId) -> Option<OwnedSemaphorePermit> {
        let mut accounts = self.accounts.lock();
        // Accounts where nothing moves need no entry.
        accounts.retain(|_, places| places.available_permits() < self.each);
        let places = accounts.entry(account).or_insert_with(|| Arc::new(Semaphore::new(self.each)));
        Arc::clone(places).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_cannot_take_anothers_places() {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let (slow, other) = (ChannelAccountId::new(now), ChannelAccountId::new(now));
        let slots = Slots::new(2);
        let held = [slots.take(slow), slots.take(slow)];
        assert!(held.iter().all(Option::is_some));
        assert!(slots.take(slow).is_none());
        assert!(slots.take(other).is_some());
        drop(held);
        assert!(slots.take(slow).is_some());
    }
}
