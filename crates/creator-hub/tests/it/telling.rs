//! What is told to webhooks and to the team, worked off as the server does it.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, bail};
use chrono::TimeDelta;
use coxswain_creator_hub::{
    mail::Mailer,
    webhooks::{Deliverer, Spreader},
};
use coxswain_domain::Clock;
use coxswain_store::work::{Handler, Work};
use serde_json::{Value, json};

use crate::app::{App, Login, text};

/// Those who tell.
pub(crate) struct Telling {
    spreader: Spreader,
    work: Work,
}

/// A webhook as its owner knows it.
pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Hook {
    /// A path under it.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/webhooks/{}{rest}", self.id)
    }
}

/// A webhook that leads there.
pub(crate) async fn hook(app: &App, owner: &Login, url: &str, events: &[&str]) -> Result<Hook> {
    let form = json!({ "url": url, "events": events });
    let made = app.post("/api/v1/webhooks").by(owner).json(&form).send().await?.expect(201)?;
    Ok(Hook { id: text(&made["webhook"]["id"]), secret: text(&made["secret"]) })
}

impl Telling {
    /// Those who tell, with mail or without.
    pub(crate) fn new(app: &App, mailer: Option<Mailer>) -> Result<Self> {
        Ok(Self::with(app, Deliverer::new(app.db.clone(), app.clock.clone(), true)?, mailer))
    }

    pub(crate) fn with(app: &App, deliverer: Deliverer, mailer: Option<Mailer>) -> Self {
        let clock: Arc<dyn Clock> = app.clock.clone();
        let mails = mailer.is_some();
        let mut handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(deliverer)];
        handlers.extend(mailer.map(|mailer| Arc::new(mailer) as Arc<dyn Handler>));
        let work = Work::new(app.db.clone(), clock.clone(), handlers);
        work.start();
        Self { spreader: Spreader::new(app.db.clone(), clock, work.clone(), mails), work }
    }

    /// Tells what happened until now.
    pub(crate) async fn tell(&self) -> Result<()> {
        self.spreader.tick().await?;
        self.work.wake();
        Ok(())
    }

    /// Forgets what is old.
    pub(crate) async fn sweep(&self) -> Result<()> {
        Ok(self.spreader.sweep().await?)
    }

    /// Time passes.
    pub(crate) fn later(&self, app: &App, step: TimeDelta) {
        app.clock.advance(step);
        self.work.wake();
    }
}

impl App {
    /// Looks at a path until it shows what is expected.
    pub(crate) async fn until(
        &self,
        login: &Login,
        path: &str,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let mut seen = Value::Null;
        for _ in 0..2_400 {
            seen = self.see(login, path).await?;
            if ready(&seen) {
                return Ok(seen);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("{path} shows {seen}")
    }
}
