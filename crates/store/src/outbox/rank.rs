//! Who goes first: replies before nudges, nudges before campaigns.
//!
//! Each rank has jobs of its own, so that none waits for a place behind a lower one's; and of every rate each
//! leaves a part to those above it, so that there is always something left for them.

use super::Purpose;

/// The kind of the job that sends replies and what a coach writes.
pub const SEND_JOB: &str = "send.v1";
/// The kind of the job that sends what nobody asked for.
pub const SEND_NUDGE_JOB: &str = "send-nudge.v1";
/// The kind of the job that sends what goes to many.
pub const SEND_CAMPAIGN_JOB: &str = "send-campaign.v1";

/// Ranks, the last of all first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What goes to many.
    Campaigns,
    /// What reaches out to one.
    Nudges,
    /// What somebody waits for.
    Replies,
}

impl Rank {
    /// All ranks, the last of all first.
    pub const ALL: [Self; 3] = [Self::Campaigns, Self::Nudges, Self::Replies];

    /// The kind of the job that sends its messages.
    pub const fn job(self) -> &'static str {
        match self {
            Self::Replies => SEND_JOB,
            Self::Nudges => SEND_NUDGE_JOB,
            Self::Campaigns => SEND_CAMPAIGN_JOB,
        }
    }

    /// The part of every rate that it leaves to those above it.
    pub const fn reserve(self) -> f64 {
        match self {
            Self::Replies => 0.0,
            Self::Nudges => 0.3,
            Self::Campaigns => 0.6,
        }
    }
}

impl Purpose {
    /// Where it stands among the others.
    pub const fn rank(self) -> Rank {
        match self {
            Self::Reply | Self::Coach | Self::Notice => Rank::Replies,
            Self::Nudge => Rank::Nudges,
            Self::Campaign => Rank::Campaigns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rank_has_its_own_jobs_and_leaves_something_to_those_above() {
        for pair in Rank::ALL.windows(2) {
            assert!(pair[0] < pair[1] && pair[0].reserve() > pair[1].reserve());
            assert_ne!(pair[0].job(), pair[1].job());
        }
        assert!(Rank::Campaigns.reserve() < 1.0 && Rank::Replies.reserve() <= 0.0);
        assert!(Purpose::Campaign.rank() < Purpose::Nudge.rank());
        assert!(Purpose::Nudge.rank() < Purpose::Reply.rank());
        assert_eq!(Purpose::Coach.rank(), Purpose::Reply.rank());
    }
}
