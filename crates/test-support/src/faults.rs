//! What goes wrong on command: on the next call, or by chance from a seed.

use std::{collections::VecDeque, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    response::Response,
};
use futures::stream;
use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

/// One thing that goes wrong with one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Refused for calling too often. Nothing is done.
    TooMany {
        /// Seconds.
        retry_after: u64,
    },
    /// A 5xx with a page instead of JSON. Nothing is done.
    ServerError {
        /// HTTP status.
        status: u16,
    },
    /// Refused by the provider's own number: Telegram's HTTP status, Meta's error code. Nothing is done.
    Refuse {
        /// The number.
        code: i64,
        /// What the provider writes.
        detail: String,
    },
    /// Done, but the answer never comes: the connection is held, then broken off.
    LostAnswer {
        /// For so long, in milliseconds.
        hold_ms: u64,
    },
    /// Done, but the answer is half a JSON text.
    BrokenJson,
    /// Done, and answered byte by byte.
    Slow {
        /// Milliseconds until the last byte.
        ms: u64,
    },
}

impl Fault {
    /// Whether the call is refused before anything is done.
    pub(crate) fn refuses(&self) -> bool {
        matches!(self, Self::TooMany { .. } | Self::ServerError { .. } | Self::Refuse { .. })
    }
}

/// What goes wrong by chance. All chances are from 0 to 1; the first seven concern calls that send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Of the dice.
    pub seed: u64,
    /// Chance that a call is refused for calling too often.
    pub too_many: f64,
    /// Seconds asked for then.
    pub retry_after: u64,
    /// Chance of a 5xx.
    pub server_error: f64,
    /// Chance that a call is done and its answer lost.
    pub lost_answer: f64,
    /// For how long the connection is held then, in milliseconds.
    pub hold_ms: u64,
    /// Chance that a call is done and its answer cut in half.
    pub broken_json: f64,
    /// Chance that an answer comes byte by byte.
    pub slow: f64,
    /// For how long then, in milliseconds.
    pub slow_ms: u64,
    /// Chance that something is delivered to us twice.
    pub duplicate: f64,
    /// Chance that something is delivered to us later than what came after it.
    pub reorder: f64,
    /// By how much at most, in milliseconds.
    pub reorder_ms: u64,
    /// `WhatsApp`: chance that an accepted message fails afterwards.
    pub late_failure: f64,
    /// The error code it fails with.
    pub late_failure_code: i64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 1,
            too_many: 0.0,
            retry_after: 1,
            server_error: 0.0,
            lost_answer: 0.0,
            hold_ms: 30_000,
            broken_json: 0.0,
            slow: 0.0,
            slow_ms: 3_000,
            duplicate: 0.0,
            reorder: 0.0,
            reorder_ms: 1_000,
            late_failure: 0.0,
            late_failure_code: 131_026,
        }
    }
}

struct Dice {
    plan: Plan,
    rng: StdRng,
    next: VecDeque<(Option<String>, Fault)>,
}

/// What is to go wrong at one double.
pub struct Faults(Mutex<Dice>);

impl Default for Faults {
    fn default() -> Self {
        let plan = Plan::default();
        Self(Mutex::new(Dice { rng: StdRng::seed_from_u64(plan.seed), plan, next: VecDeque::new() }))
    }
}

impl Faults {
    /// Replaces what goes wrong by chance; the dice start anew from its seed.
    pub fn set(&self, plan: Plan) {
        let mut dice = self.0.lock();
        dice.rng = StdRng::seed_from_u64(plan.seed);
        dice.plan = plan;
    }

    /// What goes wrong by chance.
    pub fn plan(&self) -> Plan {
        self.0.lock().plan.clone()
    }

    /// The next call that sends goes wrong like this. Several are kept in their order.
    pub fn next(&self, fault: Fault) {
        self.0.lock().next.push_back((None, fault));
    }

    /// The next call of this method goes wrong like this.
    pub fn next_of(&self, method: &str, fault: Fault) {
        self.0.lock().next.push_back((Some(method.to_lowercase()), fault));
    }

    /// What goes wrong with this call.
    pub(crate) fn draw(&self, method: &str, sends: bool) -> Option<Fault> {
        let mut dice = self.0.lock();
        let due = |(wanted, _): &(Option<String>, Fault)| {
            wanted.as_ref().map_or(sends, |wanted| wanted.eq_ignore_ascii_case(method))
        };
        if let Some(place) = dice.next.iter().position(due) {
            return dice.next.remove(place).map(|(_, fault)| fault);
        }
        if !sends {
            return None;
        }
        let plan = dice.plan.clone();
        let mut left: f64 = dice.rng.random();
        let chances = [
            (plan.too_many, Fault::TooMany { retry_after: plan.retry_after }),
            (plan.server_error, Fault::ServerError { status: 502 }),
            (plan.lost_answer, Fault::LostAnswer { hold_ms: plan.hold_ms }),
            (plan.broken_json, Fault::BrokenJson),
            (plan.slow, Fault::Slow { ms: plan.slow_ms }),
        ];
        for (chance, fault) in chances {
            if left < chance {
                return Some(fault);
            }
            left -= chance;
        }
        None
    }

    /// Whether something of this chance happens now.
    pub(crate) fn happens(&self, chance: impl FnOnce(&Plan) -> f64) -> bool {
        let mut dice = self.0.lock();
        let chance = chance(&dice.plan);
        chance > 0.0 && dice.rng.random::<f64>() < chance
    }

    /// How late something comes: nothing, or by chance some milliseconds.
    pub(crate) fn lateness(&self) -> Duration {
        if !self.happens(|plan| plan.reorder) {
            return Duration::ZERO;
        }
        let mut dice = self.0.lock();
        let most = dice.plan.reorder_ms.max(1);
        Duration::from_millis(dice.rng.random_range(1..=most))
    }
}

/// Spoils the answer to a call that was done.
pub(crate) async fn spoil(fault: Option<Fault>, answer: Response) -> Response {
    match fault {
        Some(Fault::LostAnswer { hold_ms }) => {
            tokio::time::sleep(Duration::from_millis(hold_ms)).await;
            // A body that fails makes the server break the connection off.
            let broken: Result<Bytes, _> = Err(std::io::Error::other("the answer is lost"));
            Response::new(Body::from_stream(stream::iter([broken])))
        }
        Some(Fault::BrokenJson) => {
            let (parts, body) = answer.into_parts();
            let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
            let half = whole.slice(..whole.len() / 2);
            let mut response = Response::new(Body::from(half));
            *response.status_mut() = parts.status;
            response
        }
        Some(Fault::Slow { ms }) => {
            let (parts, body) = answer.into_parts();
            let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
            let pause = Duration::from_millis(ms) / u32::try_from(whole.len().max(1)).unwrap_or(u32::MAX);
            let bytes = stream::unfold(whole, move |mut rest| async move {
                if rest.is_empty() {
                    return None;
                }
                tokio::time::sleep(pause).await;
                let first = rest.split_to(1);
                Some((Ok::<_, std::io::Error>(first), rest))
            });
            let mut response = Response::new(Body::from_stream(bytes));
            *response.status_mut() = parts.status;
            response
        }
        _ => answer,
    }
}
