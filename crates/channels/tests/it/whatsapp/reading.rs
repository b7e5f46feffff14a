//! Every kind of thing a webhook may hold becomes the event it is.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use coxswain_channels::{
    road::{
        arrival::{Arrival, Content, Media, MediaKind, Reached},
        messenger::Code,
    },
    whatsapp::{
        read::read,
        split::{Split, split},
    },
};

use serde_json::{Value, json};

use super::{NUMBER, OTHER_NUMBER, fixture};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}

fn taken_apart(name: &str) -> Split {
    split(&fixture(name), now())
}

fn arrivals(name: &str) -> Result<Vec<Arrival>> {
    let split = taken_apart(name);
    ensure!(split.strays.is_empty(), "{name} has strays: {:?}", split.strays);
    split.items.iter().map(|item| Ok(read(&item.raw)?)).collect()
}

fn contents(name: &str) -> Result<Vec<Content>> {
    Ok(arrivals(name)?.into_iter().map(|arrival| arrival.content).collect())
}

fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

fn choice(token: &str, title: &str) -> Content {
    Content::Choice { token: token.to_owned(), title: title.to_owned(), query_id: None }
}

fn media(kind: MediaKind, id: &str, mime: &str) -> Media {
    Media {
        kind,
        provider_file_id: id.to_owned(),
        mime: Some(mime.to_owned()),
        file_name: None,
        size: None,
        caption: None,
    }
}

fn unsupported(kind: &str, wants_answer: bool) -> Content {
    Content::Unsupported { kind: kind.to_owned(), wants_answer }
}

#[test]
fn a_text_says_who_wrote_what_and_when() -> Result<()> {
    let arrivals = arrivals("text")?;
    let arrival = arrivals.first().context("one arrival")?;
    assert_eq!(arrival.content, text("How do I sleep better? 😴"));
    assert_eq!(arrival.sender.id, "4915112345678");
    assert_eq!(arrival.sender.name.as_deref(), Some("Anna Okafor"));
    assert_eq!(arrival.sent_at.timestamp(), 1_790_000_000, "the provider's time, not ours");
    assert_eq!(arrival.message_id.as_deref(), Some("wamid.text"));
    Ok(())
}

#[test]
fn somebody_without_a_phone_number_is_known_by_their_scoped_id() -> Result<()> {
    let arrivals = arrivals("bsuid_only")?;
    let arrival = arrivals.first().context("one arrival")?;
    assert_eq!(arrival.sender.id, "DE.90210000000001");
    assert!(arrival.sender.aliases.is_empty());
    assert_eq!(arrival.content, choice("choice-7", "Yes, please"));
    Ok(())
}

#[test]
fn each_kind_of_message_is_what_it_says() -> Result<()> {
    let expected = vec![
        text("Hello"),
        text("Is this still free?\n\n[Sleep course: Six weeks – https://ads.example/1]"),
        text("Stop"),
        choice("token-1", "Tell me more"),
        choice("token-2", "Yes"),
        choice("token-3", "Morning"),
        text("goal: run 5 km\ndays: 3"),
        Content::Media(Media {
            caption: Some("My log".into()),
            ..media(MediaKind::Photo, "9001", "image/jpeg")
        }),
        Content::Media(media(MediaKind::Voice, "9002", "audio/ogg; codecs=opus")),
        Content::Media(media(MediaKind::Audio, "9003", "audio/mpeg")),
        Content::Media(media(MediaKind::Video, "9004", "video/mp4")),
        Content::Media(Media {
            file_name: Some("plan.pdf".into()),
            ..media(MediaKind::Document, "9005", "application/pdf")
        }),
        Content::Media(media(MediaKind::Sticker, "9006", "image/webp")),
        Content::Reaction { target: "wamid.ours".into(), emoji: Some("👍".into()) },
        Content::Reaction { target: "wamid.ours".into(), emoji: None },
        Content::Location { latitude: 52.52, longitude: 13.405, name: Some("Boathouse".into()) },
        Content::Contact("Lucía Gómez (Remo): +34 600 000 001\nJo: jo@remo.example".into()),
        text("For June\n2 × course (30 EUR)"),
        Content::Edited { target: "wamid.kind01".into(), text: "Hello again".into() },
        Content::Revoked { target: "wamid.kind01".into() },
        Content::Command { name: "start".into(), argument: String::new() },
        unsupported("unsupported", true),
        unsupported("hologram", true),
        unsupported("system customer_identity_changed", false),
    ];
    assert_eq!(contents("kinds")?, expected);
    for arrival in arrivals("kinds")? {
        assert_eq!(arrival.sender.id, "DE.90210000000001");
        assert_eq!(arrival.sender.aliases, ["4915112345678"], "the phone number is another name of theirs");
    }
    Ok(())
}

#[test]
fn a_new_number_moves_the_person_and_not_somebody_else() -> Result<()> {
    let moved = |from: &str, to: &str| Content::Moved { from: from.into(), to: to.into() };
    assert_eq!(
        contents("moved")?,
        [moved("4915112345678", "4915199999999"), moved("DE.1", "DE.2"), moved("DE.2", "DE.3")]
    );
    assert_eq!(arrivals("moved")?[1].sender.aliases, ["4915112345678", "4915199999999"]);
    Ok(())
}

#[test]
fn statuses_tell_how_far_a_message_came_and_why_not() -> Result<()> {
    let contents = contents("statuses")?;
    let mut reached = Vec::new();
    for content in &contents[..5] {
        let Content::Status(status) = content else { anyhow::bail!("{content:?} is no status") };
        assert_eq!(status.message_id, "wamid.ours");
        reached.push(status.reached);
        match status.reached {
            Reached::Sent => {
                assert_eq!(status.opaque.as_deref(), Some("0198c0de-0000-7000-8000-000000000001"));
                assert_eq!(status.pricing.as_ref().context("a price")?["category"], "service");
            }
            Reached::Failed => {
                let refusal = status.refusal.as_ref().context("a reason")?;
                assert_eq!(refusal.code, Code::Meta(131_047));
                assert_eq!(refusal.detail, "More than 24 hours have passed.");
            }
            _ => assert!(status.refusal.is_none()),
        }
    }
    let expected = [Reached::Sent, Reached::Delivered, Reached::Read, Reached::Read, Reached::Failed];
    assert_eq!(reached, expected);
    assert_eq!(contents[5], unsupported("status warning", false));
    Ok(())
}

#[test]
fn each_stage_of_a_status_is_kept_once_and_copies_are_known() {
    let keys =
        |split: Split| split.items.into_iter().map(|item| item.provider_message_id).collect::<Vec<_>>();
    let first = keys(taken_apart("statuses"));
    assert_eq!(first[0], "wamid.ours:sent:DE.90210000000001");
    let distinct: std::collections::HashSet<_> = first.iter().collect();
    assert_eq!(distinct.len(), first.len());
    for name in ["statuses", "preferences", "account", "kinds"] {
        let later = split(&fixture(name), now() + chrono::TimeDelta::hours(3));
        assert_eq!(keys(later), keys(taken_apart(name)), "{name}: a copy that comes later is the same");
    }
}

#[test]
fn preferences_are_opt_outs() -> Result<()> {
    assert_eq!(contents("preferences")?, [Content::OptOut(true), Content::OptOut(false)]);
    assert_eq!(arrivals("preferences")?[0].sender.id, "DE.90210000000001");
    Ok(())
}

#[test]
fn news_about_the_account_are_for_people_to_read() -> Result<()> {
    let split = taken_apart("account");
    assert!(split.items.iter().all(|item| item.phone_number_id.is_none() && item.sender.is_empty()));
    let [template, quality, account] =
        contents("account")?.try_into().map_err(|_| anyhow::anyhow!("three"))?;
    let field = |content: &Content| match content {
        Content::Account { field, detail, .. } => (field.clone(), detail.clone()),
        other => (format!("{other:?}"), String::new()),
    };
    let (name, detail) = field(&template);
    assert_eq!(name, "message_template_status_update");
    assert!(detail.contains("check_in") && detail.contains("REJECTED"), "{detail}");
    assert_eq!(field(&quality).0, "phone_number_quality_update");
    assert!(field(&account).1.contains("RESTRICTED_BIZ_INITIATED_MESSAGING"));
    Ok(())
}

#[test]
fn invariant_3_one_unreadable_item_does_not_take_its_batch_along() {
    let split = taken_apart("batch");
    let strays: Vec<_> = split.strays.iter().map(|stray| stray.reason).collect();
    assert_eq!(strays, ["a change has no value", "an entry is not an object"]);
    let of = |number: &str| {
        let items = split.items.iter().filter(|item| item.phone_number_id.as_deref() == Some(number));
        items.map(|item| read(&item.raw)).collect::<Vec<_>>()
    };
    let ours = of(NUMBER);
    assert_eq!(ours.len(), 5);
    let read: Vec<_> = ours.iter().filter_map(|read| read.as_ref().ok()).collect();
    assert_eq!(read.len(), 3, "two are not what a message is: {ours:?}");
    assert!(read.iter().any(|arrival| arrival.content == text("one")));
    assert!(read.iter().any(|arrival| matches!(arrival.content, Content::Status(_))));
    let fault =
        Content::Account { field: "errors".into(), detail: "130429: Rate limit hit".into(), news: None };
    assert!(read.iter().any(|arrival| arrival.content == fault));
    let theirs = of(OTHER_NUMBER);
    assert_eq!(theirs.len(), 1);
    assert_eq!(theirs[0].as_ref().map(|arrival| arrival.content.clone()), Ok(text("four")));
}

#[test]
fn every_byte_of_an_unreadable_item_is_kept() {
    let split = taken_apart("batch");
    let raw: Vec<_> =
        split.items.iter().map(|item| String::from_utf8_lossy(&item.raw).into_owned()).collect();
    assert!(raw.iter().any(|raw| raw.contains(r#""this is no message""#)));
    assert!(raw.iter().any(|raw| raw.contains(r"\ud83d three")), "as it came, escapes and all");
}

#[test]
fn what_our_own_number_did_is_nobodys_message() -> Result<()> {
    let call = json!({"id": "wacid.1", "from": "4915550001", "to": "4915112345678", "event": "connect",
        "timestamp": "1790000600", "direction": "BUSINESS_INITIATED"});
    let echo = json!({"id": "wamid.echo", "from": "4915550001", "to": "4915112345678", "timestamp": "1790000601",
        "type": "text", "text": {"body": "written on the phone"}});
    let metadata = json!({"phone_number_id": NUMBER});
    let change = |field: &str, list: &str, thing: &Value| json!({"field": field, "value": {"metadata": metadata, list: [thing]}});
    let nothing = json!({"field": "messages", "value": {"metadata": metadata, "contacts": []}});
    let permission = json!({"id": "wamid.p", "from": "4915112345678", "timestamp": "1790000602", "type": "interactive",
        "interactive": {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}});
    let changes = json!([
        change("calls", "calls", &call),
        change("smb_message_echoes", "message_echoes", &echo),
        nothing,
        change("messages", "messages", &permission)
    ]);
    let split = split(json!({"entry": [{"id": "8100", "changes": changes}]}).to_string().as_bytes(), now());
    let read: Vec<Arrival> = split.items.iter().map(|item| Ok(read(&item.raw)?)).collect::<Result<_>>()?;
    let contents: Vec<_> = read.iter().map(|arrival| arrival.content.clone()).collect();
    assert_eq!(
        contents,
        [
            unsupported("calls", false),
            unsupported("message_echoes", false),
            unsupported("messages without any", false),
            unsupported("interactive call_permission_reply", false),
        ]
    );
    assert!(read[..3].iter().all(|arrival| arrival.sender.id.is_empty()), "our number is no client of ours");
    assert!(split.items[..3].iter().all(|item| item.sender.is_empty()));
    Ok(())
}
