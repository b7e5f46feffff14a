use std::sync::Arc;

use coxswain_domain::SharedClock;
use coxswain_store::{Db, files::Files, live::Live, work::Work};
use url::Url;

use super::limits::{Limits, Quotas};

/// What the widget's handlers share. Cheap to clone.
#[derive(Clone)]
pub struct WidgetState {
    pub(super) db: Db,
    pub(super) clock: SharedClock,
    pub(super) live: Live,
    pub(super) work: Work,
    /// Files that clients send.
    pub(super) media: Files,
    /// Our own origin as browsers see it, when it is configured.
    pub(super) own_origin: Option<Arc<str>>,
    pub(super) limits: Arc<Limits>,
}

impl WidgetState {
    /// `media` is the folder of clients' files. `public_url` is where browsers reach this server; without it the `Host` header says so.
    pub fn new(
        db: Db,
        clock: SharedClock,
        live: Live,
        work: Work,
        media: Files,
        public_url: Option<&Url>,
        quotas: &Quotas,
    ) -> Self {
        let own_origin = public_url.map(|url| url.origin().ascii_serialization().into());
        Self { db, clock, live, work, media, own_origin, limits: Arc::new(Limits::new(quotas)) }
    }
}
