//! `coxswain reindex`: the index of the configured embedding model, complete, in the configured engine.

use std::{process::ExitCode, sync::Arc, time::Duration};

use coxswain_domain::CreatorId;
use coxswain_store::{
    creators,
    indexes::{self, IndexState, ReindexPayload},
    work::Work,
};

use super::{args::ReindexArgs, creator, print, progress};
use crate::{config::Config, engine::Engine};

/// How often progress is looked up.
const LOOK: Duration = Duration::from_millis(200);

/// Rebuilds one creator's index, or everyone's, and waits until each answers.
pub(crate) async fn reindex(
    config: &Config,
    wanted: Option<&str>,
    args: &ReindexArgs,
) -> anyhow::Result<ExitCode> {
    let engine = Engine::open(config).await?;
    let creators = match wanted {
        Some(_) => vec![creator::find(&engine, wanted).await?.id],
        None => everyone(&engine).await?,
    };
    for creator in &creators {
        let mut tx = engine.db.write(*creator).await?;
        if !indexes::list(&mut tx, *creator).await?.is_empty() {
            indexes::enqueue_reindex(&mut tx, engine.clock.now(), *creator, ReindexPayload { clear: true })
                .await?;
            tx.commit().await?;
        }
    }
    let clock = Arc::clone(&engine.clock);
    let work = Work::new(engine.db.clone(), clock, vec![Arc::new(engine.reindex())]);
    work.start();
    let mut failed = 0;
    for creator in &creators {
        failed += u32::from(!watch(&engine, *creator, args.json).await?);
    }
    work.shut_down(Duration::from_secs(5)).await;
    Ok(if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn everyone(engine: &Engine) -> anyhow::Result<Vec<CreatorId>> {
    let mut tx = engine.db.system_read().await?;
    Ok(creators::oldest(&mut tx, u32::MAX).await?.into_iter().map(|creator| creator.id).collect())
}

/// Waits for one creator's index and reports; false when it could not be built.
async fn watch(engine: &Engine, creator: CreatorId, json: bool) -> anyhow::Result<bool> {
    let bars = progress::bars();
    let bar = progress::bar(&bars, &creator.to_string());
    let indexes = loop {
        let mut tx = engine.db.read(creator).await?;
        let all = indexes::list(&mut tx, creator).await?;
        if let Some(newest) = all.iter().find(|index| index.model == *engine.embedder.model()) {
            let left = indexes::unembedded_count(&mut tx, creator, newest.id).await?.unsigned_abs();
            bar.set_length(bar.length().unwrap_or_default().max(left));
            bar.set_position(bar.length().unwrap_or_default() - left);
            bar.set_message("embedding");
        }
        if !indexes::reindexing(&mut tx, creator).await? {
            break indexes::list(&mut tx, creator).await?;
        }
        drop(tx);
        tokio::time::sleep(LOOK).await;
    };
    bars.clear()?;
    let model = engine.embedder.model();
    let done = indexes.iter().all(|index| index.state == IndexState::Active && index.model == *model);
    let line = if json {
        serde_json::json!({ "creator": creator, "model": model.name, "dimension": model.dimension, "done": done })
            .to_string()
    } else if indexes.is_empty() {
        format!("{creator}: nothing to index yet")
    } else if done {
        format!("{creator}: the index of {} answers", model.name)
    } else {
        format!("{creator}: the index of {} could not be built; the log says why", model.name)
    };
    print(&format!("{line}\n"))?;
    Ok(done)
}
