//! Files that nothing leads to: what a crash left behind, and what clients received and never sent.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{CreatorId, SharedClock};
use coxswain_store::{Db, attachments, documents, files::Files};
use tokio_util::sync::CancellationToken;

/// How long a client's file may wait to be sent, and how old one must be that nothing leads to.
const A_DAY: TimeDelta = TimeDelta::days(1);
/// How often clients' files are looked through.
const EVERY: Duration = Duration::from_hours(6);

/// The two folders of files, and what says which files belong there.
pub(crate) struct Leftovers {
    pub(crate) db: Db,
    pub(crate) clock: SharedClock,
    /// Documents.
    pub(crate) files: Files,
    /// What clients sent.
    pub(crate) media: Files,
}

impl Leftovers {
    /// Removes them, now and every few hours, until `stop`. What other processes are receiving at this moment stays.
    pub(crate) async fn tend(self, stop: CancellationToken) {
        match self.documents().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "files of uploads that a crash had cut off were removed"),
            Err(error) => tracing::warn!(%error, "files that a crash may have left were not looked for"),
        }
        loop {
            match self.media().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "files of clients that nothing leads to were removed"),
                Err(error) => {
                    tracing::warn!(%error, "clients' files that nothing leads to were not looked for");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn documents(&self) -> anyhow::Result<usize> {
        let mut count = 0;
        for creator in self.files.creators().await? {
            for key in self.files.keys(creator).await? {
                // The lock first, then the look: whoever held it has committed by now, or never will.
                let Some(abandoned) = self.files.abandoned(&key).await? else { continue };
                let mut tx = self.db.read(creator).await?;
                if documents::names_file(&mut tx, creator, &key).await? {
                    continue;
                }
                drop(tx);
                self.files.delete(&key).await.with_context(|| format!("{key} cannot be removed"))?;
                drop(abandoned);
                count += 1;
            }
        }
        Ok(count)
    }

    async fn media(&self) -> anyhow::Result<usize> {
        let before = self.clock.now() - A_DAY;
        let mut count = 0;
        for creator in self.media.creators().await? {
            let mut tx = self.db.write(creator).await?;
            let expired = attachments::expire(&mut tx, creator, before).await?;
            tx.commit().await?;
            for key in expired {
                self.media.delete(&key).await.with_context(|| format!("{key} cannot be removed"))?;
                count += 1;
            }
            for key in self.media.keys(creator).await? {
                count += usize::from(self.forget(creator, &key, before).await?);
            }
        }
        Ok(count)
    }

    /// Removes one file of a client if it is older than `before` and nothing leads to it.
    async fn forget(&self, creator: CreatorId, key: &str, before: DateTime<Utc>) -> anyhow::Result<bool> {
        let Some(abandoned) = self.media.abandoned(key).await? else { return Ok(false) };
        // A file that a messenger brought is on the disk a moment before the row that names it.
        let written = DateTime::<Utc>::from(abandoned.metadata().await?.modified()?);
        if written >= before {
            return Ok(false);
        }
        let mut tx = self.db.read(creator).await?;
        if attachments::names_file(&mut tx, creator, key).await? {
            return Ok(false);
        }
        drop(tx);
        self.media.delete(key).await.with_context(|| format!("{key} cannot be removed"))?;
        Ok(true)
    }
}
