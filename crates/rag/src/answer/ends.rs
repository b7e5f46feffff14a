//! The ways an answer ends.

use coxswain_domain::conversation::{MessageProblem, MessageStatus};
use coxswain_store::conversations::Settled;

use super::verify::Verified;

/// Whole, and checked.
pub(super) fn done(verified: Verified) -> Settled {
    Settled {
        status: MessageStatus::Done,
        text: verified.text,
        abstained: false,
        citations: verified.citations,
        problem: None,
    }
}

/// Stopped; what had come stays.
pub(super) fn cancelled(verified: Verified) -> Settled {
    Settled { status: MessageStatus::Cancelled, ..done(verified) }
}

/// Broken off; what had come stays.
pub(super) fn failed(verified: Verified, problem: MessageProblem) -> Settled {
    Settled { status: MessageStatus::Failed, problem: Some(problem), ..done(verified) }
}

/// The creator's own words where the knowledge does not cover the question.
pub(super) fn abstained(text: String) -> Settled {
    Settled { abstained: true, ..done(Verified { text, ..Verified::default() }) }
}
