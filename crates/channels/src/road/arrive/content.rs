//! What each kind of arrival means.

use coxswain_store::{choices, identities, inbox::State, work::JobError};

use super::{
    super::{
        arrival::{Content, Media},
        phrases::Phrase,
        words,
    },
    account, commands, media, news,
    visit::Visit,
};

/// Carries out what arrived.
pub(super) async fn handle(visit: &mut Visit<'_>) -> Result<(), JobError> {
    match &visit.arrival.content {
        Content::Text(text) => written(visit, text).await,
        Content::Choice { token, title, query_id } => {
            visit.done.tapped.clone_from(query_id);
            chosen(visit, token, title).await
        }
        Content::Command { name, argument } => commands::handle(visit, name, argument).await,
        Content::Media(media) => medium(visit, media).await,
        Content::Location { latitude, longitude, name } => {
            let name = name.as_deref().unwrap_or_default();
            shown(visit, &format!("📍 {latitude:.5}, {longitude:.5} {name}")).await
        }
        Content::Contact(contact) => shown(visit, &format!("👤 {contact}")).await,
        Content::Reaction { emoji, .. } => {
            let reaction =
                emoji.as_deref().map_or("took a reaction back".into(), |emoji| format!("reacted {emoji}"));
            attached(visit, reaction).await
        }
        Content::Edited { text, .. } => edited(visit, text).await,
        Content::Revoked { .. } => attached(visit, "took a message back".into()).await,
        Content::Status(status) => news::status(visit, status).await,
        Content::OptOut(out) => {
            let person = visit.meet().await?;
            visit.opt_out(&person, *out).await
        }
        Content::Reachable(reachable) => reachability(visit, *reachable).await,
        Content::Moved { from, to } => {
            let account = visit.connection.channel_account_id;
            identities::moved(visit.tx, visit.now, visit.creator, account, (from, to)).await?;
            Ok(())
        }
        Content::Unsupported { kind, wants_answer: true } => {
            visit.done.problem = Some(format!("{kind} is not supported; they were told"));
            let person = visit.meet().await?;
            visit.say(&person, Phrase::CannotRead, None).await
        }
        Content::Unsupported { kind, wants_answer: false } => {
            ignore(visit, format!("{kind} is not supported"));
            Ok(())
        }
        Content::Account { field, detail, news } => account::news(visit, field, detail, news.as_ref()).await,
    }
}

fn ignore(visit: &mut Visit<'_>, why: String) {
    visit.done.state = State::Ignored;
    visit.done.problem = Some(why);
}

async fn written(visit: &mut Visit<'_>, text: &str) -> Result<(), JobError> {
    let mut person = visit.meet().await?;
    if let Some((wish, language)) = words::wish(text) {
        return commands::wish(visit, &person, wish, Some(language), text).await;
    }
    if let Some(code) = words::link_code(text) {
        return commands::link(visit, &mut person, code).await;
    }
    visit.ask(&person, text).await
}

/// A tap says what stood on the button, once.
async fn chosen(visit: &mut Visit<'_>, token: &str, title: &str) -> Result<(), JobError> {
    let person = visit.meet().await?;
    let conversation = visit.conversation(&person, "").await?;
    let known = choices::take(visit.tx, visit.now, visit.creator, conversation, token).await?;
    if known.is_none() || title.is_empty() {
        ignore(visit, "the button was tapped before, or is none of ours".into());
        return Ok(());
    }
    visit.ask(&person, title).await
}

/// A medium is kept and honestly answered; the words with it are a message.
async fn medium(visit: &mut Visit<'_>, sent: &Media) -> Result<(), JobError> {
    let person = visit.meet().await?;
    visit.note(&person, &media::mention(sent)).await?;
    visit.say(&person, media::answer(sent.kind), None).await?;
    match &sent.caption {
        Some(caption) if words::wish(caption).is_none() => visit.ask(&person, caption).await,
        _ => Ok(()),
    }
}

/// Something people can read and the engine cannot: recorded, and honestly answered.
async fn shown(visit: &mut Visit<'_>, text: &str) -> Result<(), JobError> {
    let person = visit.meet().await?;
    visit.note(&person, text).await?;
    visit.say(&person, Phrase::CannotRead, None).await
}

/// What hangs on another message stays with it: nobody waits for an answer.
async fn attached(visit: &mut Visit<'_>, what: String) -> Result<(), JobError> {
    let person = visit.meet().await?;
    visit.conversation(&person, "").await?;
    visit.done.problem = Some(what);
    Ok(())
}

/// What they changed counts while its answer is being written; afterwards it is recorded for people to read.
async fn edited(visit: &mut Visit<'_>, text: &str) -> Result<(), JobError> {
    let person = visit.meet().await?;
    if visit.is_answering(&person).await? {
        return visit.ask(&person, text).await;
    }
    visit.note(&person, &format!("✎ {text}")).await
}

async fn reachability(visit: &mut Visit<'_>, reachable: bool) -> Result<(), JobError> {
    let account = visit.connection.channel_account_id;
    let name = &visit.arrival.sender.id;
    let Some(identity) = identities::by_name(visit.tx, visit.creator, account, name).await? else {
        ignore(visit, "nobody we know".into());
        return Ok(());
    };
    let reason = (!reachable).then_some("They blocked this account.");
    identities::set_unreachable(visit.tx, visit.creator, identity.id, reason).await?;
    Ok(())
}
