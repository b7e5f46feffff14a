//! Files that a crash left behind: received, but named by no version.

use anyhow::Context;
use coxswain_store::{Db, documents, files::Files};

/// Removes them. Uploads that other processes are receiving at this moment stay.
pub(crate) async fn remove(db: Db, files: Files) {
    match sweep(&db, &files).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "files of uploads that a crash had cut off were removed"),
        Err(error) => tracing::warn!(%error, "files that a crash may have left were not looked for"),
    }
}

async fn sweep(db: &Db, files: &Files) -> anyhow::Result<usize> {
    let mut count = 0;
    for creator in files.creators().await? {
        for key in files.keys(creator).await? {
            // The lock first, then the look: whoever held it has committed by now, or never will.
            let Some(abandoned) = files.abandoned(&key).await? else { continue };
            let mut tx = db.read(creator).await?;
            if documents::names_file(&mut tx, creator, &key).await? {
                continue;
            }
            drop(tx);
            files.delete(&key).await.with_context(|| format!("{key} cannot be removed"))?;
            drop(abandoned);
            count += 1;
        }
    }
    Ok(count)
}
