//! A panel reads on one node what happens on another.

use anyhow::{Context, Result};
use coxswain_domain::{Clock, MemberId};
use coxswain_store::conversations;
use coxswain_test_support::db::{TestDb, on_postgres};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;

#[test]
fn a_panel_learns_who_answers_on_whichever_node_it_reads() -> Result<()> {
    on_postgres(two_nodes)
}

async fn two_nodes(db: &TestDb) -> Result<()> {
    let (here, there) = (App::new(db), App::new(db));
    let account = here.widget().await?;
    let client = here.session(&account).await?;
    client.say("May I?", Uuid::new_v4()).await?;
    // One stream for who answers and one for what is said: either comes first.
    let (mut events, mut said) = (client.listen(None).await?, client.listen(None).await?);
    assert_eq!(events.presence().await?, json!({"human": false, "human_wanted": false, "writing": false}));
    // A member's request reaches the other node, whose own readers alone are told by it.
    let (creator, now) = (account.creator_id, there.clock.now());
    let mut tx = there.db.write(creator).await?;
    let written = (client.conversation, "I am here.");
    let written =
        conversations::write_as_coach(&mut tx, now, creator, MemberId::new(now), written, None).await?;
    tx.commit().await?;
    there.live.touch(client.conversation);
    written.context("the conversation exists")?;
    assert_eq!(events.presence().await?["human"], true);
    said.until(|event| event.data["text"] == "I am here.").await?;
    let mut tx = there.db.write(creator).await?;
    assert!(conversations::hand_back(&mut tx, creator, client.conversation).await?);
    tx.commit().await?;
    assert_eq!(events.presence().await?["human"], false);
    Ok(())
}
