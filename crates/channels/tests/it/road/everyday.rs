//! An ordinary day: text in, answer out, and the many other things that people send.

use anyhow::Result;
use coxswain_channels::road::arrival::{Content, Media, MediaKind};
use coxswain_domain::{channel::ChannelKind, conversation::Author};
use coxswain_store::{connections::ConnectionSettings, inbox::State as InboxState, outbox::State};
use coxswain_test_support::{contract, db::TestDb};

use super::world::World;

contract!(
    a_question_is_answered,
    media_are_kept_and_answered_honestly_once,
    commands_answer_what_the_creator_wrote,
    what_hangs_on_a_message_is_not_answered,
    an_edit_after_the_answer_is_recorded,
    what_is_not_supported_is_said_once,
);

async fn a_question_is_answered(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    world.says(&bot, "7", "m1", "Is breakfast needed?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7"), ["<b>Yes.</b>"]);
    let expected = [(Author::Client, "Is breakfast needed?".to_owned()), (Author::Engine, "Yes.".to_owned())];
    assert_eq!(world.talk(&bot, "7").await?, expected);
    let part = world.part(&bot, "7").await?;
    assert_eq!((part.state, part.attempts), (State::Accepted, 1));
    assert_eq!(part.provider_message_id.as_deref(), Some("sent-0"));
    Ok(())
}

fn voice(id: &str) -> Content {
    Content::Media(Media {
        kind: MediaKind::Voice,
        provider_file_id: id.into(),
        mime: None,
        file_name: None,
        size: None,
        caption: None,
    })
}

async fn media_are_kept_and_answered_honestly_once(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    let first = world.arrives(&bot, "7", "m1", voice("file-1")).await?;
    world.arrives(&bot, "7", "m2", voice("file-2")).await?;
    world.settle().await?;
    let texts = world.carrier.texts("7");
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("can't listen"), "{texts:?}");
    let kept =
        world.media().join(bot.creator.to_string()).join(first.unwrap_or_else(|| unreachable!()).to_string());
    assert_eq!(std::fs::read_to_string(kept)?, "file-1");
    Ok(())
}

async fn commands_answer_what_the_creator_wrote(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let coach = world.account(ChannelKind::Telegram).await?.creator;
    let settings = ConnectionSettings {
        commands: vec![("prices".into(), "Ten a month.".into())],
        greeting: "Welcome aboard.".into(),
        ..ConnectionSettings::default()
    };
    let bot = world.account_of(coach, ChannelKind::Telegram, settings).await?;
    let command = |name: &str| Content::Command { name: name.into(), argument: String::new() };
    for (id, name) in ["start", "prices", "human", "stop"].into_iter().enumerate() {
        world.arrives(&bot, "7", &id.to_string(), command(name)).await?;
    }
    world.settle().await?;
    let texts = world.carrier.texts("7");
    assert_eq!(&texts[..2], ["<b>Welcome aboard.</b>", "<b>Ten a month.</b>"]);
    assert!(texts[2].contains("talk to a person") && texts[3].contains("START"), "{texts:?}");
    assert!(world.contact(&bot, "7").await?.opted_out_at.is_some());
    // One that nobody knows is a question like any other.
    world.arrives(&bot, "7", "unknown", command("diet")).await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").last().map(String::as_str), Some("<b>Yes.</b>"));
    Ok(())
}

async fn what_hangs_on_a_message_is_not_answered(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    let reaction = Content::Reaction { target: "m0".into(), emoji: Some("👍".into()) };
    world.arrives(&bot, "7", "m1", reaction).await?;
    world.arrives(&bot, "7", "m2", Content::Revoked { target: "m0".into() }).await?;
    world.settle().await?;
    assert_eq!(world.carrier.sent(), []);
    let rows = world.inbox(&bot).await?;
    assert_eq!(rows[0].problem.as_deref(), Some("reacted 👍"));
    assert!(rows.iter().all(|row| row.state == InboxState::Done && row.conversation.is_some()));
    Ok(())
}

async fn an_edit_after_the_answer_is_recorded(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    world.says(&bot, "7", "m1", "Is brekfast needed?").await?;
    world.settle().await?;
    let edit = Content::Edited { target: "m1".into(), text: "Is breakfast needed?".into() };
    world.arrives(&bot, "7", "m2", edit).await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 1, "answered once");
    let talk = world.talk(&bot, "7").await?;
    assert_eq!(talk.last(), Some(&(Author::Client, "✎ Is breakfast needed?".to_owned())));
    Ok(())
}

async fn what_is_not_supported_is_said_once(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    for (id, wants_answer) in [("m1", true), ("m2", true), ("m3", false)] {
        world.arrives(&bot, "7", id, Content::Unsupported { kind: "poll".into(), wants_answer }).await?;
    }
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 1);
    assert_eq!(world.inbox(&bot).await?[2].state, InboxState::Ignored);
    Ok(())
}
