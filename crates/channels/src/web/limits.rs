use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use coxswain_domain::{ChannelAccountId, WidgetSessionId};
use coxswain_http::{Limiter, Result};

/// How often something may be done, and how often at once.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// One every so often.
    pub every: Duration,
    /// So many at once after a rest.
    pub burst: NonZeroU32,
}

impl Quota {
    const fn new(every: Duration, burst: u32) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { every, burst }
    }
}

/// The widget's limits. A public key is no secret, so it is these that keep a stranger from the model's time.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// New sessions from one address.
    pub sessions_per_address: Quota,
    /// New sessions of one widget.
    pub sessions_per_key: Quota,
    /// Messages in one session.
    pub messages_per_session: Quota,
    /// Messages from one address, behind which a whole office may sit.
    pub messages_per_address: Quota,
    /// Messages in one widget.
    pub messages_per_key: Quota,
    /// Files in one session.
    pub uploads_per_session: Quota,
    /// Files from one address.
    pub uploads_per_address: Quota,
    /// Everything else from one address.
    pub requests_per_address: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            sessions_per_address: Quota::new(Duration::from_secs(5), 20),
            sessions_per_key: Quota::new(Duration::from_millis(100), 200),
            messages_per_session: Quota::new(Duration::from_secs(3), 8),
            messages_per_address: Quota::new(Duration::from_millis(500), 40),
            messages_per_key: Quota::new(Duration::from_millis(50), 200),
            uploads_per_session: Quota::new(Duration::from_secs(10), 9),
            uploads_per_address: Quota::new(Duration::from_secs(2), 40),
            requests_per_address: Quota::new(Duration::from_millis(50), 200),
        }
    }
}

/// The limits at work.
pub(super) struct Limits {
    sessions_per_address: Limiter<IpAddr>,
    sessions_per_key: Limiter<ChannelAccountId>,
    messages_per_session: Limiter<WidgetSessionId>,
    messages_per_address: Limiter<IpAddr>,
    messages_per_key: Limiter<ChannelAccountId>,
    uploads_per_session: Limiter<WidgetSessionId>,
    uploads_per_address: Limiter<IpAddr>,
    requests_per_address: Limiter<IpAddr>,
}

impl Limits {
    pub(super) fn new(quotas: &Quotas) -> Self {
        Self {
            sessions_per_address: limiter(quotas.sessions_per_address),
            sessions_per_key: limiter(quotas.sessions_per_key),
            messages_per_session: limiter(quotas.messages_per_session),
            messages_per_address: limiter(quotas.messages_per_address),
            messages_per_key: limiter(quotas.messages_per_key),
            uploads_per_session: limiter(quotas.uploads_per_session),
            uploads_per_address: limiter(quotas.uploads_per_address),
            requests_per_address: limiter(quotas.requests_per_address),
        }
    }

    pub(super) fn request(&self, address: IpAddr) -> Result<()> {
        self.requests_per_address.check(&address)
    }

    pub(super) fn upload(&self, session: WidgetSessionId, address: IpAddr) -> Result<()> {
        self.uploads_per_session.check(&session)?;
        self.uploads_per_address.check(&address)
    }

    pub(super) fn session(&self, address: IpAddr, key: ChannelAccountId) -> Result<()> {
        self.sessions_per_address.check(&address)?;
        self.sessions_per_key.check(&key)
    }

    // The narrowest first: a session that writes too fast must not use up what others may send.
    pub(super) fn message(
        &self,
        session: WidgetSessionId,
        address: IpAddr,
        key: ChannelAccountId,
    ) -> Result<()> {
        self.messages_per_session.check(&session)?;
        self.messages_per_address.check(&address)?;
        self.messages_per_key.check(&key)
    }
}

fn limiter<K: std::hash::Hash + Eq + Clone>(quota: Quota) -> Limiter<K> {
    Limiter::new(quota.every, quota.burst)
}
