//! Threads that run an embedding session each.
//!
//! Sessions are loaded when work arrives and freed when none has come for a while, so an
//! idle server does not keep the memory of its last upload.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use coxswain_domain::ports::EmbedError;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

/// Turns texts into vectors, one each, in order.
pub(super) type Session = Box<dyn FnMut(&[String]) -> Result<Vec<Vec<f32>>, EmbedError>>;

/// Makes a session on the thread that will use it.
pub(super) type Loader = Arc<dyn Fn() -> Result<Session, EmbedError> + Send + Sync>;

type Reply = Result<Vec<Vec<f32>>, EmbedError>;

struct Job {
    texts: Vec<String>,
    reply: oneshot::Sender<Reply>,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Threads alive, busy or waiting.
    workers: usize,
    /// Threads waiting for a job.
    waiting: usize,
    closed: bool,
}

struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    name: &'static str,
    most: usize,
    idle: Option<Duration>,
    load: Loader,
}

/// A queue of batches and the threads that work on it.
pub(super) struct Pool(Arc<Shared>);

impl Pool {
    /// A pool of at most `most` threads; each frees its session after `idle` without work.
    pub(super) fn new(name: &'static str, most: usize, idle: Option<Duration>, load: Loader) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            wake: Condvar::new(),
            name,
            most: most.max(1),
            idle,
            load,
        }))
    }

    /// Queues one batch. Dropping the receiver cancels it if no thread has begun it.
    pub(super) fn submit(&self, texts: Vec<String>) -> oneshot::Receiver<Reply> {
        let (reply, receiver) = oneshot::channel();
        let mut state = self.0.state.lock();
        state.jobs.push_back(Job { texts, reply });
        if state.jobs.len() > state.waiting && state.workers < self.0.most {
            state.workers += 1;
            let shared = Arc::clone(&self.0);
            let started = thread::Builder::new().name(self.0.name.into()).spawn(move || work(&shared));
            if started.is_err() {
                state.workers -= 1;
                if state.workers == 0 {
                    // Nobody is left to answer; the receivers see their senders dropped.
                    state.jobs.clear();
                }
            }
        }
        drop(state);
        self.0.wake.notify_one();
        receiver
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.closed = true;
        state.jobs.clear();
        drop(state);
        self.0.wake.notify_all();
    }
}

/// Counts a thread out when it panics. A thread that ends by itself is counted out under the
/// same lock as its decision to end, so that no job is queued for a thread that is leaving.
struct Presence<'s>(&'s Shared);

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut state = self.0.state.lock();
            state.workers -= 1;
            if state.workers == 0 {
                state.jobs.clear();
            }
        }
    }
}

fn work(shared: &Shared) {
    let _presence = Presence(shared);
    let mut session = match (shared.load)() {
        Ok(session) => session,
        Err(error) => return give_up(shared, &error),
    };
    while let Some(job) = next(shared) {
        if !job.reply.is_closed() {
            let vectors = session(&job.texts);
            // A receiver that has gone meanwhile has no use for the vectors.
            let _ = job.reply.send(vectors);
        }
    }
}

/// Answers all that waits with the reason why no session could be loaded.
fn give_up(shared: &Shared, error: &EmbedError) {
    tracing::warn!(%error, "an embedding session could not be loaded");
    let mut state = shared.state.lock();
    state.workers -= 1;
    let jobs = std::mem::take(&mut state.jobs);
    drop(state);
    for job in jobs {
        let _ = job.reply.send(Err(EmbedError::Unavailable(error.to_string())));
    }
}

/// The next job, or nothing when this thread should end; then it is counted out already.
fn next(shared: &Shared) -> Option<Job> {
    let mut state = shared.state.lock();
    loop {
        if let Some(job) = state.jobs.pop_front() {
            return Some(job);
        }
        if state.closed {
            state.workers -= 1;
            return None;
        }
        state.waiting += 1;
        let timed_out = if let Some(idle) = shared.idle {
            shared.wake.wait_for(&mut state, idle).timed_out()
        } else {
            shared.wake.wait(&mut state);
            false
        };
        state.waiting -= 1;
        if timed_out && state.jobs.is_empty() {
            state.workers -= 1;
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    /// A pool whose sessions answer with each text's length; counts loads.
    fn pool(most: usize, idle: Option<Duration>) -> (Pool, Arc<AtomicUsize>) {
        let loads = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&loads);
        let load: Loader = Arc::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(|texts: &[String]| {
                Ok(texts
                    .iter()
                    .map(|text| vec![f32::from(u8::try_from(text.len()).unwrap_or(u8::MAX))])
                    .collect())
            }))
        });
        (Pool::new("test", most, idle, load), loads)
    }

    #[tokio::test]
    async fn answers_each_batch_in_order() {
        let (pool, _) = pool(2, None);
        let receivers: Vec<_> = (1..20).map(|n| pool.submit(vec!["x".repeat(n), "y".into()])).collect();
        for (n, receiver) in (1u8..).zip(receivers) {
            assert_eq!(receiver.await.unwrap().unwrap(), [vec![f32::from(n)], vec![1.0]]);
        }
    }

    #[tokio::test]
    async fn loads_nothing_before_work_and_again_after_idleness() {
        let (pool, loads) = pool(1, Some(Duration::from_millis(1)));
        assert_eq!(loads.load(Ordering::SeqCst), 0);
        pool.submit(vec!["a".into()]).await.unwrap().unwrap();
        while pool.0.state.lock().workers > 0 {
            tokio::task::yield_now().await;
        }
        pool.submit(vec!["a".into()]).await.unwrap().unwrap();
        assert_eq!(loads.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_cancelled_batch_is_not_embedded() {
        let (starts, started) = mpsc::channel();
        let (go, gate) = mpsc::channel::<()>();
        let gate = Mutex::new(Some(gate));
        let load: Loader = Arc::new(move || {
            let gate = gate.lock().take().unwrap();
            let starts = starts.clone();
            Ok(Box::new(move |texts: &[String]| {
                starts.send(texts[0].clone()).unwrap();
                gate.recv().unwrap();
                Ok(vec![vec![0.0]])
            }))
        });
        let pool = Pool::new("test", 1, None, load);
        let first = pool.submit(vec!["first".into()]);
        assert_eq!(started.recv().unwrap(), "first");
        drop(pool.submit(vec!["cancelled".into()]));
        let last = pool.submit(vec!["last".into()]);
        go.send(()).unwrap();
        go.send(()).unwrap();
        first.await.unwrap().unwrap();
        last.await.unwrap().unwrap();
        assert_eq!(started.recv().unwrap(), "last");
    }

    #[tokio::test]
    async fn a_session_that_cannot_be_loaded_fails_the_work_and_not_the_pool() {
        let load: Loader = Arc::new(|| Err(EmbedError::Unavailable("no weights".into())));
        let pool = Pool::new("test", 1, None, load);
        for _ in 0..2 {
            let answer = pool.submit(vec!["a".into()]).await.unwrap();
            assert!(answer.unwrap_err().to_string().contains("no weights"));
        }
    }

    #[tokio::test]
    async fn a_panic_fails_the_work_and_not_the_pool() {
        let load: Loader = Arc::new(|| {
            Ok(Box::new(|texts: &[String]| {
                assert_ne!(texts[0], "bad");
                Ok(vec![vec![1.0]])
            }))
        });
        let pool = Pool::new("test", 1, None, load);
        assert!(pool.submit(vec!["bad".into()]).await.is_err());
        while pool.0.state.lock().workers > 0 {
            tokio::task::yield_now().await;
        }
        pool.submit(vec!["good".into()]).await.unwrap().unwrap();
    }
}
