//! Which creator a command works for.

use anyhow::bail;
use coxswain_domain::{CreatorId, account::CreatorSettings};
use coxswain_store::creators::{self, Creator};

use crate::engine::Engine;

/// The creator's name on a machine of one's own.
const LOCAL: &str = "local";

/// The creator with this id or name; without one, the only one there is, or `local`, made on first use.
pub(crate) async fn find(engine: &Engine, wanted: Option<&str>) -> anyhow::Result<Creator> {
    let mut tx = engine.db.system_read().await?;
    let found = match wanted {
        Some(id) if id.parse::<CreatorId>().is_ok() => {
            creators::get(&mut tx, id.parse()?).await?.into_iter().collect()
        }
        Some(name) => creators::named(&mut tx, name).await?,
        None => creators::oldest(&mut tx, 2).await?,
    };
    drop(tx);
    match (found.as_slice(), wanted) {
        ([creator], _) => Ok(creator.clone()),
        ([], None) => make_local(engine).await,
        ([], Some(wanted)) => bail!("there is no creator {wanted:?}"),
        (_, Some(wanted)) => bail!("several creators are called {wanted:?}: name the one you mean by its id"),
        (_, None) => bail!("there are several creators: name the one you mean with --creator"),
    }
}

async fn make_local(engine: &Engine) -> anyhow::Result<Creator> {
    let now = engine.clock.now();
    let creator = Creator {
        id: CreatorId::new(now),
        name: LOCAL.to_owned(),
        settings: CreatorSettings::default(),
        version: 1,
        created_at: now,
    };
    let mut tx = engine.db.write(creator.id).await?;
    creators::insert(&mut tx, &creator).await?;
    tx.commit().await?;
    Ok(creator)
}
