//! What integrators and the team are told, as the server puts it together: webhooks and mail.

use std::sync::Arc;

use anyhow::Context;
use coxswain_creator_hub::{
    mail::Mailer,
    webhooks::{Deliverer, Spreader},
};
use coxswain_store::work::{Handler, Work};

use crate::{config::Config, engine::Engine};

/// Sends mail, where the configuration says how.
pub(crate) fn mailer(config: &Config, engine: &Engine) -> anyhow::Result<Option<Arc<Mailer>>> {
    let settings = &config.mail;
    if settings.smtp_url.expose().is_empty() {
        return Ok(None);
    }
    let (db, clock, url) = (engine.db.clone(), Arc::clone(&engine.clock), settings.smtp_url.expose());
    Ok(Some(Arc::new(Mailer::new(db, clock, url, &settings.from, &config.public_url())?)))
}

/// Those who post to webhooks and send mail.
pub(crate) fn handlers(
    config: &Config,
    engine: &Engine,
    mailer: Option<&Arc<Mailer>>,
) -> anyhow::Result<Vec<Arc<dyn Handler>>> {
    let (db, clock) = (engine.db.clone(), Arc::clone(&engine.clock));
    let deliverer = Deliverer::new(db, clock, config.webhooks.allow_private)
        .context("no client for webhooks can be made")?;
    let mut handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(deliverer)];
    handlers.extend(mailer.map(|mailer| Arc::clone(mailer) as Arc<dyn Handler>));
    Ok(handlers)
}

/// Tells on what happens.
pub(crate) fn spreader(engine: &Engine, work: &Work, mail: bool) -> Spreader {
    Spreader::new(engine.db.clone(), Arc::clone(&engine.clock), work.clone(), mail)
}
