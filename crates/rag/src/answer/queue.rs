//! Turns at the model: few at once, and fair between creators.
//!
//! A local model answers one or two questions at a time. Whoever waits is served in turn by
//! creator, so that a creator with a hundred clients does not keep another's one client waiting.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use coxswain_domain::CreatorId;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The queue before one model. Cheap to clone.
#[derive(Clone)]
pub(super) struct Queue(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// Creators with someone waiting, in the order of their next turn.
    order: VecDeque<CreatorId>,
    waiting: HashMap<CreatorId, VecDeque<oneshot::Sender<Turn>>>,
}

/// Leave to use the model; dropping it passes it on.
pub(super) struct Turn(Option<Queue>);

impl Queue {
    /// A queue for a model that answers `at_once` questions together.
    pub(super) fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: at_once.max(1),
            order: VecDeque::new(),
            waiting: HashMap::new(),
        })))
    }

    /// Waits for a turn. Dropping the future gives the place up.
    pub(super) async fn turn(&self, creator: CreatorId) -> Turn {
        let receiver = {
            let mut state = self.0.lock();
            if state.free > 0 {
                state.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (sender, receiver) = oneshot::channel();
            let line = state.waiting.entry(creator).or_default();
            line.push_back(sender);
            if line.len() == 1 {
                state.order.push_back(creator);
            }
            receiver
        };
        let _waiting = Waiting::new();
        match receiver.await {
            Ok(turn) => turn,
            // The sender lives in the state until it sends, and the state as long as `self`.
            Err(_) => Turn(None),
        }
    }

    /// Gives a free place to the next in line.
    fn pass_on(&self) {
        loop {
            let next = {
                let mut state = self.0.lock();
                let Some(next) = state.next() else {
                    state.free += 1;
                    return;
                };
                next
            };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // That one gave up waiting. Its turn must not pass itself on: this loop does.
                Err(mut turn) => turn.0 = None,
            }
        }
    }
}

impl State {
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let creator = self.order.pop_front()?;
        let line = self.waiting.get_mut(&creator)?;
        let next = line.pop_front();
        if line.is_empty() {
            self.waiting.remove(&creator);
        } else {
            self.order.push_back(creator);
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.pass_on();
        }
    }
}

/// Counts who waits, however the waiting ends.
struct Waiting;

impl Waiting {
    fn new() -> Self {
        metrics::gauge!("coxswain_model_waiting").increment(1.0);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::gauge!("coxswain_model_waiting").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn creator(n: u128) -> CreatorId {
        CreatorId(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn creators_take_turns_however_many_clients_they_have() {
        let queue = Queue::new(1);
        let first = queue.turn(creator(1)).await;
        let mut waiting = Vec::new();
        for n in [1, 1, 1, 2] {
            let mut turn = Box::pin(queue.turn(creator(n)));
            assert!(turn.as_mut().now_or_never().is_none());
            waiting.push(turn);
        }
        drop(first);
        let served = waiting.remove(0).now_or_never().unwrap();
        drop(served);
        // The other creator comes before the first one's second client.
        let other = waiting.remove(2).now_or_never().unwrap();
        assert!(waiting[0].as_mut().now_or_never().is_none());
        drop(other);
        assert!(waiting[0].as_mut().now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_gives_up_holds_nobody_up() {
        let queue = Queue::new(1);
        let first = queue.turn(creator(1)).await;
        let mut gone = Box::pin(queue.turn(creator(2)));
        assert!(gone.as_mut().now_or_never().is_none());
        let mut next = Box::pin(queue.turn(creator(3)));
        assert!(next.as_mut().now_or_never().is_none());
        drop(gone);
        drop(first);
        drop(next.now_or_never().unwrap());
        assert!(queue.turn(creator(4)).now_or_never().is_some());
    }
}
