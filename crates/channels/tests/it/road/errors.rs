//! Every row of the error table: what was done about it, as the answer to a request and as a later status.

use anyhow::Result;
use chrono::TimeDelta;
use coxswain_channels::road::{
    arrival::Reached,
    messenger::{Code, Refusal},
};
use coxswain_domain::channel::ChannelKind;
use coxswain_store::{connections::ConnectionState, outbox::State};
use coxswain_test_support::{contract, db::TestDb};

use super::{
    carrier::{Say, refusal},
    world::{Account, World},
};

contract!(
    every_row_of_the_table_is_acted_on,
    a_failure_that_comes_later_is_judged_alike,
    an_undeliverable_address_is_given_up_after_the_third,
    a_paused_account_keeps_its_queue,
);

/// What is expected after one refusal: of the message at once, of the message once the provider is well again,
/// of the account, and of the recipient.
struct Row {
    what: &'static str,
    codes: &'static [i64],
    at_once: State,
    later: State,
    account: ConnectionState,
    recipient: Recipient,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recipient {
    Fine,
    OptedOut,
    Unreachable,
}

use ConnectionState::{Connected, Paused, Revoked};
use Recipient::{Fine, OptedOut, Unreachable};
use State::{Accepted, Failed, Queued, Withheld};

const fn row(
    what: &'static str,
    codes: &'static [i64],
    at_once: State,
    later: State,
    account: ConnectionState,
    recipient: Recipient,
) -> Row {
    Row { what, codes, at_once, later, account, recipient }
}

/// The rows about Meta, in the order of the table.
const META: &[Row] = &[
    row("transient: tried again", &[1, 2, 131_000, 131_016], Queued, Accepted, Connected, Fine),
    row("call rate: tried again, slowly", &[4, 80_007, 613], Queued, Accepted, Connected, Fine),
    row("throughput: tried again", &[130_429], Queued, Accepted, Connected, Fine),
    row("pair rate: tried again", &[131_056], Queued, Accepted, Connected, Fine),
    row("maintenance: tried again", &[131_057], Queued, Accepted, Connected, Fine),
    row("spam rate: unprompted ones held back", &[131_048], Failed, Failed, Connected, Fine),
    row("template classification: account paused", &[131_064], Queued, Queued, Paused, Fine),
    row("marketing cap: given up", &[131_049], Failed, Failed, Connected, Fine),
    row("stopped marketing: opted out", &[131_050], Failed, Failed, Connected, OptedOut),
    row("experiment: given up", &[130_472], Failed, Failed, Connected, Fine),
    row("outside the window: once more, then a template", &[131_047, 470], Queued, Accepted, Connected, Fine),
    row("undeliverable: given up, suppressed after three", &[131_026], Failed, Failed, Connected, Fine),
    row("self or not in the test list: given up", &[131_021, 131_030], Failed, Failed, Connected, Fine),
    row("unsupported type: given up", &[131_051], Failed, Failed, Connected, Fine),
    row("our bug: given up, alert", &[131_008, 131_009, 100, 33], Failed, Failed, Connected, Fine),
    row("media: tried again", &[131_052, 131_053], Queued, Accepted, Connected, Fine),
    row("needs a phone: given up", &[131_062], Failed, Failed, Connected, Fine),
    row("other route for marketing: unprompted ones held back", &[131_063], Failed, Failed, Connected, Fine),
    row("parameters: given up", &[132_000, 132_005, 132_008, 132_012], Failed, Failed, Connected, Fine),
    row(
        "template missing or against policy: kept back",
        &[132_001, 132_007],
        Withheld,
        Withheld,
        Connected,
        Fine,
    ),
    row("template paused or disabled: kept back", &[132_015, 132_016], Withheld, Withheld, Connected, Fine),
    row("token: account waits for a new one", &[0, 190, 401], Queued, Queued, Revoked, Fine),
    row("permission: account paused", &[3, 10, 200, 250, 299, 131_005], Queued, Queued, Paused, Fine),
    row("restricted: account paused", &[368, 131_031], Queued, Queued, Paused, Fine),
    row("payment: account paused", &[131_042], Queued, Queued, Paused, Fine),
    row("registration: account paused", &[131_045, 131_037], Queued, Queued, Paused, Fine),
    row("country: given up", &[130_497], Failed, Failed, Connected, Unreachable),
    row("unknown: three tries", &[424_242], Queued, Accepted, Connected, Fine),
];

/// The rows about Telegram and about HTTP itself.
fn others() -> Vec<(&'static str, Refusal, State, State, ConnectionState, Recipient)> {
    let telegram = |status, detail| refusal(Code::Telegram(status), detail);
    let flood = Refusal {
        retry_after: Some(std::time::Duration::from_secs(7)),
        ..telegram(429, "Too Many Requests: retry after 7")
    };
    let blocked = telegram(403, "Forbidden: bot was blocked by the user");
    vec![
        ("5xx: tried again", refusal(Code::Http(502), "Bad Gateway"), Queued, Accepted, Connected, Fine),
        ("5xx: tried again", telegram(500, "Internal Server Error"), Queued, Accepted, Connected, Fine),
        (
            "not reached: tried again",
            refusal(Code::Unreachable, "refused"),
            Queued,
            Accepted,
            Connected,
            Fine,
        ),
        ("flood: after the wait", flood, Queued, Accepted, Connected, Fine),
        ("blocked: unreachable", blocked, Failed, Failed, Connected, Unreachable),
        (
            "chat not found: unreachable",
            telegram(400, "Bad Request: chat not found"),
            Failed,
            Failed,
            Connected,
            Unreachable,
        ),
        (
            "migrated: once more to the new id",
            refusal(Code::Migrated { to: "77".into() }, "group upgraded"),
            Accepted,
            Accepted,
            Connected,
            Fine,
        ),
        (
            "not modified: success",
            telegram(400, "Bad Request: message is not modified"),
            Accepted,
            Accepted,
            Connected,
            Fine,
        ),
        (
            "entities: once more without markup",
            telegram(400, "Bad Request: can't parse entities"),
            Accepted,
            Accepted,
            Connected,
            Fine,
        ),
        (
            "too long: once more in pieces",
            telegram(400, "Bad Request: message is too long"),
            Accepted,
            Accepted,
            Connected,
            Fine,
        ),
        ("token: revoked", telegram(401, "Unauthorized"), Queued, Queued, Revoked, Fine),
        ("token: revoked", telegram(404, "Not Found"), Queued, Queued, Revoked, Fine),
        ("second poller: waits", telegram(409, "Conflict"), Queued, Accepted, Connected, Fine),
        ("unknown: three tries", telegram(400, "Bad Request: brand new"), Queued, Accepted, Connected, Fine),
    ]
}

/// Writes one message that is refused this way, and sees what becomes of everything.
async fn refused(
    world: &World,
    account: &Account,
    user: &str,
    refusal: Refusal,
) -> Result<(State, State, ConnectionState, Recipient)> {
    world.carrier.answers(user, [Say::No(refusal)]);
    world.says(account, user, &format!("from {user}"), "Hello, are you there?").await?;
    world.settle().await?;
    let at_once = world.part(account, user).await?.state;
    let state = world.connection(account).await?.state;
    let contact = world.contact(account, user).await?;
    let recipient = match (&contact.opted_out_at, &contact.unreachable_reason) {
        (Some(_), _) => OptedOut,
        (_, Some(_)) => Unreachable,
        _ => Fine,
    };
    world.wait(TimeDelta::minutes(16)).await?;
    let later = world.part(account, user).await?.state;
    world.set_state(account, Connected).await?;
    Ok((at_once, later, state, recipient))
}

#[expect(clippy::print_stdout, reason = "what was done about each row is worth reading")]
async fn every_row_of_the_table_is_acted_on(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    for row in META {
        for code in row.codes {
            let user = format!("m{code}");
            let done = refused(&world, &number, &user, refusal(Code::Meta(*code), "no")).await?;
            assert_eq!(done, (row.at_once, row.later, row.account, row.recipient), "{code}: {}", row.what);
            println!("{code:>7}  {:<52} {done:?}", row.what);
        }
    }
    let bot = world.account(ChannelKind::Telegram).await?;
    for (place, (what, refusal, at_once, later, account, recipient)) in others().into_iter().enumerate() {
        let (user, code) = (format!("t{place}"), refusal.code.name());
        let done = refused(&world, &bot, &user, refusal).await?;
        assert_eq!(done, (at_once, later, account, recipient), "{code}: {what}");
        println!("{code:>13}  {what:<46} {done:?}");
    }
    assert_eq!(world.carrier.sent().iter().filter(|sent| sent.to == "77").count(), 1, "to the new id");
    assert!(world.carrier.texts("t8").iter().all(|text| !text.contains("<b>")), "without markup");
    Ok(())
}

async fn a_failure_that_comes_later_is_judged_alike(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    let cases = [
        (131_050, Failed, Connected, OptedOut),
        (131_000, Accepted, Connected, Fine),
        (131_047, Accepted, Connected, Fine),
        (131_026, Failed, Connected, Fine),
        (131_031, Queued, Paused, Fine),
    ];
    for (code, state, account, recipient) in cases {
        let user = format!("u{code}");
        world.says(&number, &user, &format!("m{code}"), "Hello?").await?;
        world.settle().await?;
        let sent = world.part(&number, &user).await?;
        let id = sent.provider_message_id.clone().unwrap_or_default();
        let no = refusal(Code::Meta(code), "later");
        world.reports(&number, &id, Some(sent.id.to_string()), Reached::Failed, Some(no)).await?;
        let found = world.connection(&number).await?.state;
        world.wait(TimeDelta::minutes(2)).await?;
        let contact = world.contact(&number, &user).await?;
        assert_eq!(world.part(&number, &user).await?.state, state, "{code}");
        assert_eq!(found, account, "{code}");
        assert_eq!(contact.opted_out_at.is_some(), recipient == OptedOut, "{code}");
        world.set_state(&number, Connected).await?;
        world.wait(TimeDelta::minutes(2)).await?;
    }
    Ok(())
}

async fn an_undeliverable_address_is_given_up_after_the_third(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    let dead = || Say::No(refusal(Code::Meta(131_026), "undeliverable"));
    world.carrier.answers("9", [dead(), dead(), dead()]);
    world.says(&number, "9", "m0", "Hello?").await?;
    for tries in 1..=3 {
        world.settle().await?;
        let unreachable = world.contact(&number, "9").await?.unreachable_reason.is_some();
        assert_eq!(unreachable, tries == 3, "after {tries}");
        world.writes(&number, "9", coxswain_domain::conversation::Author::Coach, "Are you there?").await?;
    }
    Ok(())
}

async fn a_paused_account_keeps_its_queue(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    world.carrier.answers("9", [Say::No(refusal(Code::Meta(190), "expired"))]);
    world.says(&number, "9", "m0", "Hello?").await?;
    world.says(&number, "8", "m1", "Hello?").await?;
    world.wait(TimeDelta::minutes(30)).await?;
    assert_eq!((world.carrier.tries("9"), world.carrier.texts("9").len()), (1, 0));
    let reason = world.connection(&number).await?.state_reason.unwrap_or_default();
    assert!(reason.contains("token"), "{reason}");
    // A new token, and everything that waited leaves.
    world.set_state(&number, Connected).await?;
    world.wait(TimeDelta::minutes(2)).await?;
    assert_eq!((world.carrier.texts("9").len(), world.carrier.texts("8").len()), (1, 1));
    Ok(())
}
