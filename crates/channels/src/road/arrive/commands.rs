//! Commands to a bot: the three everybody has, and those of the creator.

use coxswain_store::work::JobError;

use super::{
    super::{
        phrases::{Language, Phrase},
        words::Wish,
    },
    visit::{Person, Visit},
};

/// Carries out a command. One that nobody knows is a message like any other.
pub(super) async fn handle(visit: &mut Visit<'_>, name: &str, argument: &str) -> Result<(), JobError> {
    let mut person = visit.meet().await?;
    match name {
        "start" => start(visit, &mut person, argument).await,
        "stop" => wish(visit, &person, Wish::Stop, None, "/stop").await,
        "human" => wish(visit, &person, Wish::Human, None, "/human").await,
        _ => {
            let commands = &visit.connection.settings.commands;
            let answer = commands.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            let said = if argument.is_empty() { format!("/{name}") } else { format!("/{name} {argument}") };
            match answer.map(|(_, answer)| answer.clone()) {
                Some(answer) => {
                    visit.note(&person, &said).await?;
                    visit.reply(&person, &answer).await
                }
                None => visit.ask(&person, &said).await,
            }
        }
    }
}

async fn start(visit: &mut Visit<'_>, person: &mut Person, argument: &str) -> Result<(), JobError> {
    // Whoever starts a bot that they had stopped wants it again.
    visit.opt_out(person, false).await?;
    if !argument.is_empty() {
        return link(visit, person, argument).await;
    }
    let greeting = visit.connection.settings.greeting.clone();
    visit.note(person, "/start").await?;
    if greeting.is_empty() {
        return visit.say(person, Phrase::Greeting, None).await;
    }
    visit.reply(person, &greeting).await
}

/// Binds this channel to the client that the code was made for.
pub(super) async fn link(visit: &mut Visit<'_>, person: &mut Person, code: &str) -> Result<(), JobError> {
    let linked = visit.redeem(person, code).await?;
    // The code itself is spent or wrong, and none of the team's business.
    visit.say(person, if linked { Phrase::Linked } else { Phrase::LinkFailed }, None).await
}

/// Does what a person asked for in so many words, and says so.
pub(super) async fn wish(
    visit: &mut Visit<'_>,
    person: &Person,
    wish: Wish,
    language: Option<Language>,
    said: &str,
) -> Result<(), JobError> {
    visit.note(person, said).await?;
    let phrase = match wish {
        Wish::Stop => {
            visit.opt_out(person, true).await?;
            Phrase::Stopped
        }
        Wish::Start => {
            visit.opt_out(person, false).await?;
            Phrase::Started
        }
        Wish::Human => {
            visit.want_human(person).await?;
            Phrase::HumanComes
        }
    };
    visit.say(person, phrase, language).await
}
