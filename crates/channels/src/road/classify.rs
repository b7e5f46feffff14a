//! What to do about a provider's refusal: one table for answers to a request and for those that come later.
//!
//! The rows are those of the providers' documentation (Meta's "Error codes", Telegram's "Making requests").
//! Meta's codes alone decide, never their titles; Telegram has no codes beside the HTTP status, so there
//! the description decides, with a row for everything that is not known.

use std::{ops::RangeInclusive, time::Duration};

use super::{
    backoff::{Backoff, Scope},
    messenger::{Code, Refusal},
};

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Try again, later and later.
    Retry(Backoff),
    /// Nobody knows whether it was delivered: find out first.
    Reconcile,
    /// This message will never arrive.
    Undeliverable(Consequence),
    /// Free text is not allowed here, or this template is not: another template, or none.
    Template(TemplateFault),
    /// Send nothing over this account until a person has looked; what waits keeps waiting.
    Pause,
    /// Send nothing unprompted over this account for a day; this message is not tried again.
    PauseNudges,
    /// The token is worth nothing: a new one is needed; what waits keeps waiting.
    Revoked,
    /// It is as it should be.
    Success,
    /// Once more, without markup.
    PlainText,
    /// Once more, in smaller parts.
    Resplit,
    /// Once more, to this id, which holds from now on.
    Migrate {
        /// The new id.
        to: String,
    },
    /// Somebody else receives this account's updates: stop, and take the lease again.
    StopPolling,
}

/// What follows for the recipient when a message never arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    None,
    /// After the third, they count as unreachable.
    SuppressAfterThree,
    /// They are unreachable until they write again.
    Unreachable,
    /// They want nothing unprompted.
    OptOut,
    /// Nothing unprompted for a day.
    RestForADay,
    /// Nothing unprompted over this account for a day: the next ones would fail alike.
    StopNudges,
}

/// What is wrong with a template, or with having none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateFault {
    /// The 24-hour window is closed: free text needs a template instead.
    Needed,
    /// It is missing, or against the rules: what we know of the templates is old.
    Outdated,
    /// The provider paused or disabled it.
    Paused,
}

/// What to do, and whether a person should hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// What it means, for people to read.
    pub meaning: &'static str,
    /// Whether it is our mistake, or something a person has to mend.
    pub alert: bool,
}

/// Codes of Meta's that are treated alike.
struct Row {
    codes: &'static [RangeInclusive<i64>],
    action: Action,
    meaning: &'static str,
    alert: bool,
}

const fn row(codes: &'static [RangeInclusive<i64>], action: Action, meaning: &'static str) -> Row {
    Row { codes, action, meaning, alert: false }
}

const fn alert(codes: &'static [RangeInclusive<i64>], action: Action, meaning: &'static str) -> Row {
    Row { codes, action, meaning, alert: true }
}

const fn seconds(first: u64, factor: u32, longest: u64, most: i64, scope: Scope) -> Backoff {
    let (first, longest) = (Duration::from_secs(first), Duration::from_secs(longest));
    Backoff { first, factor, longest, most, scope }
}

/// The provider stumbled: five times.
const TRANSIENT: Backoff = seconds(2, 4, 300, 5, Scope::Message);
/// It cannot be reached at all: for over an hour.
const UNREACHABLE: Backoff = seconds(2, 2, 300, 20, Scope::Message);
/// Nobody knows the code: three times.
const UNKNOWN: Backoff = seconds(5, 4, 300, 3, Scope::Message);
/// Too many requests by the app or the business account.
const CALL_RATE: Backoff = seconds(60, 2, 900, 12, Scope::Account);
/// Too many messages by one number.
const THROUGHPUT: Backoff = seconds(1, 2, 60, 20, Scope::Account);
/// Too many messages to one person.
const PAIR: Backoff = seconds(6, 4, 600, 10, Scope::Recipient);
/// The number moves to other machines.
const MAINTENANCE: Backoff = seconds(60, 2, 300, 12, Scope::Account);
/// A medium could not be handled: twice more. What we send are words, so there is nothing to fall back to.
const MEDIA: Backoff = seconds(2, 4, 30, 3, Scope::Message);
/// Telegram's flood control; it says itself how long to wait.
const FLOOD: Backoff = seconds(1, 2, 300, 30, Scope::Recipient);

/// Meta's codes. The first row that holds a code decides.
static META: &[Row] = &[
    row(&[1..=2, 131_000..=131_000, 131_016..=131_016], Action::Retry(TRANSIENT), "the provider stumbled"),
    row(&[4..=4, 613..=613, 80_007..=80_007], Action::Retry(CALL_RATE), "too many requests by the app"),
    row(&[130_429..=130_429], Action::Retry(THROUGHPUT), "too many messages by this number"),
    row(&[131_056..=131_056], Action::Retry(PAIR), "too many messages to this person"),
    row(&[131_057..=131_057], Action::Retry(MAINTENANCE), "the number is being maintained"),
    alert(&[131_048..=131_048], Action::PauseNudges, "too many recipients reported this number as spam"),
    alert(&[131_064..=131_064], Action::Pause, "too many templates were put into a wrong category"),
    row(
        &[131_049..=131_049],
        Action::Undeliverable(Consequence::RestForADay),
        "this person has had enough marketing for now",
    ),
    row(&[131_050..=131_050], Action::Undeliverable(Consequence::OptOut), "this person stopped marketing"),
    row(
        &[130_472..=130_472],
        Action::Undeliverable(Consequence::None),
        "held back by an experiment of Meta's",
    ),
    row(
        &[470..=470, 131_047..=131_047],
        Action::Template(TemplateFault::Needed),
        "outside the 24-hour window",
    ),
    row(
        &[131_026..=131_026],
        Action::Undeliverable(Consequence::SuppressAfterThree),
        "not deliverable to this person",
    ),
    row(
        &[131_021..=131_021, 131_030..=131_030],
        Action::Undeliverable(Consequence::None),
        "this number may not be written to",
    ),
    row(
        &[131_051..=131_051],
        Action::Undeliverable(Consequence::None),
        "a kind of message that is not supported",
    ),
    alert(
        &[33..=33, 100..=100, 131_008..=131_009],
        Action::Undeliverable(Consequence::None),
        "the request was wrong",
    ),
    row(&[131_052..=131_053], Action::Retry(MEDIA), "a medium could not be fetched or uploaded"),
    row(
        &[131_062..=131_062],
        Action::Undeliverable(Consequence::None),
        "this needs the person's phone number, which is not known",
    ),
    alert(
        &[131_063..=131_063],
        Action::Undeliverable(Consequence::StopNudges),
        "marketing has to leave by the Marketing Messages API",
    ),
    alert(
        &[132_000..=132_000, 132_005..=132_005, 132_008..=132_008, 132_012..=132_012],
        Action::Undeliverable(Consequence::StopNudges),
        "the template's parameters were wrong",
    ),
    alert(
        &[132_001..=132_001, 132_007..=132_007],
        Action::Template(TemplateFault::Outdated),
        "the template is missing or against the rules",
    ),
    alert(
        &[132_015..=132_016],
        Action::Template(TemplateFault::Paused),
        "the template is paused or disabled",
    ),
    alert(&[0..=0, 190..=190, 401..=401], Action::Revoked, "the access token is not valid"),
    alert(&[3..=3, 10..=10, 200..=299, 131_005..=131_005], Action::Pause, "a permission is missing"),
    alert(&[368..=368, 131_031..=131_031], Action::Pause, "the account is restricted or locked"),
    alert(&[131_042..=131_042], Action::Pause, "the provider waits for a payment"),
    alert(
        &[131_037..=131_037, 131_045..=131_045],
        Action::Pause,
        "the number's registration or display name is not in order",
    ),
    row(
        &[130_497..=130_497],
        Action::Undeliverable(Consequence::Unreachable),
        "messages to this person's country are not allowed",
    ),
];

/// Telegram's refusals: status, a part of the description in lower case, what to do. The first that fits decides.
static TELEGRAM: &[(u16, &str, Action, &str)] = &[
    (429, "", Action::Retry(FLOOD), "too many messages"),
    (400, "message is not modified", Action::Success, "it says that already"),
    (400, "can't parse entities", Action::PlainText, "the markup was wrong"),
    (400, "too long", Action::Resplit, "the message was too long"),
    (400, "chat not found", Action::Undeliverable(Consequence::Unreachable), "there is no such chat"),
    (400, "user not found", Action::Undeliverable(Consequence::Unreachable), "there is no such person"),
    (403, "", Action::Undeliverable(Consequence::Unreachable), "they blocked the bot, or are gone"),
    (401, "", Action::Revoked, "the bot's token is not valid"),
    (404, "", Action::Revoked, "the bot's token is not valid"),
    (409, "", Action::StopPolling, "somebody else receives this bot's updates"),
];

/// What to do about a refusal.
pub fn classify(refusal: &Refusal) -> Verdict {
    let verdict = |action, meaning| Verdict { action, meaning, alert: false };
    match &refusal.code {
        Code::Ambiguous => verdict(Action::Reconcile, "nobody knows whether it was delivered"),
        Code::Unreachable => verdict(Action::Retry(UNREACHABLE), "the provider could not be reached"),
        Code::Migrated { to } => verdict(Action::Migrate { to: to.clone() }, "the chat has another id"),
        Code::Meta(code) => meta(*code).unwrap_or_else(unknown),
        Code::Telegram(status) => telegram(*status, &refusal.detail),
        Code::Http(status) => http(*status),
    }
}

fn meta(code: i64) -> Option<Verdict> {
    let row = META.iter().find(|row| row.codes.iter().any(|codes| codes.contains(&code)))?;
    Some(Verdict { action: row.action.clone(), meaning: row.meaning, alert: row.alert })
}

fn telegram(status: u16, description: &str) -> Verdict {
    let description = description.to_lowercase();
    let row = TELEGRAM.iter().find(|(code, part, ..)| *code == status && description.contains(part));
    match row {
        Some((_, _, action, meaning)) => {
            let alert = matches!(action, Action::Revoked);
            Verdict { action: action.clone(), meaning, alert }
        }
        None => http(status),
    }
}

/// A refusal that says no more than its HTTP status.
fn http(status: u16) -> Verdict {
    let verdict = |action, meaning, alert| Verdict { action, meaning, alert };
    match status {
        408 | 500..=599 => verdict(Action::Retry(TRANSIENT), "the provider stumbled", false),
        429 => verdict(Action::Retry(THROUGHPUT), "too many requests", false),
        401 => verdict(Action::Revoked, "the access token is not valid", true),
        403 => verdict(Action::Pause, "a permission is missing", true),
        _ => unknown(),
    }
}

fn unknown() -> Verdict {
    Verdict { action: Action::Retry(UNKNOWN), meaning: "a refusal nobody has met before", alert: true }
}

impl Code {
    /// As it is stored and shown: `meta:131047`, `telegram:403`, `http:502`, `unreachable`, `ambiguous`, `migrated`.
    pub fn name(&self) -> String {
        match self {
            Self::Meta(code) => format!("meta:{code}"),
            Self::Telegram(status) => format!("telegram:{status}"),
            Self::Http(status) => format!("http:{status}"),
            Self::Unreachable => "unreachable".into(),
            Self::Ambiguous => "ambiguous".into(),
            Self::Migrated { .. } => "migrated".into(),
        }
    }
}
