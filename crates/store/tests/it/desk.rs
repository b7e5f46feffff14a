//! What members work with: the inbox of conversations, notes, canned replies, feedback, templates, strays.

use anyhow::{Context, Result};
use coxswain_domain::{
    CannedReplyId, ConversationId, MemberId, MessageId, NoteId, TemplateId, TurnId,
    channel::ChannelKind,
    conversation::{Author, MessageStatus},
};
use coxswain_store::{
    Db, StoreError,
    canned_replies::{self, CannedReply},
    choices,
    conversations::{self, InboxFilter, NewMessage, Shelf},
    feedback::{self, Feedback},
    notes::{self, Note},
    strays,
    templates::{self, News, Template},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use serde_json::json;
use uuid::Uuid;

use crate::{ALL, later, messenger, now, paged, two};

contract!(
    the_inbox_shows_who_waits,
    the_inbox_is_filtered_and_searched,
    notes_stay_with_their_conversation,
    canned_replies_are_kept_ready,
    the_latest_opinion_counts,
    a_button_is_tapped_once,
    templates_follow_the_provider,
    strays_are_kept_for_the_operator,
);

async fn says(
    db: &Db,
    coach: Coach,
    conversation: ConversationId,
    minute: i64,
    text: &str,
) -> Result<MessageId> {
    let new = NewMessage {
        conversation,
        turn: TurnId::new(now()),
        author: Author::Client,
        text,
        status: MessageStatus::Done,
        client_message_id: None,
    };
    let mut tx = db.write(coach.id).await?;
    let (_, message) = conversations::add_message(&mut tx, later(minute), coach.id, new).await?;
    tx.commit().await?;
    Ok(message.id)
}

async fn the_inbox_shows_who_waits(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let mut talks = vec![mine.client(db, now(), None).await?.conversation];
    for id in ["ann", "ben", "cat"] {
        talks.push(messenger::talk(db, mine, bot, id).await?.conversation);
    }
    let silent = mine.client(db, now(), None).await?.conversation;
    for (minute, talk) in (0..).zip(&talks) {
        says(db, mine, *talk, minute, "Hello?").await?;
    }
    let member = MemberId::new(now());
    let mut tx = db.write(mine.id).await?;
    conversations::want_human(&mut tx, later(5), mine.id, talks[1]).await?;
    conversations::take_over(&mut tx, later(5), mine.id, talks[2], member).await?;
    conversations::close(&mut tx, later(5), mine.id, talks[3]).await?;
    let shelves = [Shelf::Engine, Shelf::Waiting, Shelf::Human, Shelf::Closed];
    for (shelf, talk) in shelves.into_iter().zip(&talks) {
        let filter = InboxFilter { shelf: Some(shelf), ..InboxFilter::default() };
        let found = conversations::inbox(&mut tx, mine.id, &filter, ALL).await?.items;
        assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), [*talk], "{shelf:?}");
    }
    let all = conversations::inbox(&mut tx, mine.id, &InboxFilter::default(), ALL).await?.items;
    let ids: Vec<_> = all.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, talks.iter().rev().copied().collect::<Vec<_>>(), "the latest first");
    assert!(!ids.contains(&silent), "nothing was said there");
    let paged = paged!(|page| conversations::inbox(&mut tx, mine.id, &InboxFilter::default(), page));
    assert_eq!(paged, all);
    let entry = &all[1];
    assert_eq!((entry.kind, entry.handling.assigned_to), (Some(ChannelKind::Telegram), Some(member)));
    assert_eq!((entry.last_author, entry.excerpt.as_deref()), (Some(Author::Client), Some("Hello?")));
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    let theirs = conversations::inbox(&mut tx, other.id, &InboxFilter::default(), ALL).await?;
    assert!(theirs.items.is_empty());
    Ok(())
}

async fn the_inbox_is_filtered_and_searched(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let web = mine.client(db, now(), None).await?.conversation;
    let chat = messenger::talk(db, mine, bot, "ann").await?.conversation;
    says(db, mine, web, 0, "I gave 100% today").await?;
    says(db, mine, web, 1, "Good night").await?;
    says(db, mine, chat, 2, "I gave 1000 steps").await?;
    let member = MemberId::new(now());
    let mut tx = db.write(mine.id).await?;
    conversations::assign(&mut tx, mine.id, web, Some(member)).await?;
    let search = |text: &str| InboxFilter { search: Some(text.to_owned()), ..InboxFilter::default() };
    let filters = [
        (InboxFilter { kind: Some(ChannelKind::Telegram), ..InboxFilter::default() }, vec![chat]),
        (InboxFilter { kind: Some(ChannelKind::Whatsapp), ..InboxFilter::default() }, vec![]),
        (InboxFilter { assigned_to: Some(member), ..InboxFilter::default() }, vec![web]),
        (search("100%"), vec![web]),
        (search("i GAVE"), vec![chat, web]),
        (search("visit"), vec![web]),
        (search("nobody said that"), vec![]),
    ];
    for (filter, expected) in filters {
        let found = conversations::inbox(&mut tx, mine.id, &filter, ALL).await?.items;
        assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    Ok(())
}

async fn notes_stay_with_their_conversation(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let conversation = mine.client(db, now(), None).await?.conversation;
    let note = |minute: i64, text: &str| Note {
        id: NoteId::new(later(minute)),
        conversation_id: conversation,
        member_id: MemberId::new(now()),
        member_name: "Olga".into(),
        text: text.into(),
        created_at: later(minute),
    };
    let (first, second) = (note(1, "Call her"), note(2, "Called"));
    let mut tx = db.write(mine.id).await?;
    notes::insert(&mut tx, mine.id, &first).await?;
    notes::insert(&mut tx, mine.id, &second).await?;
    let both = notes::of_conversation(&mut tx, mine.id, conversation).await?;
    assert_eq!(both, [first.clone(), second.clone()]);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    let refused = notes::insert(&mut tx, other.id, &note(3, "Mine")).await;
    assert!(matches!(refused, Err(StoreError::Dangling)), "{refused:?}");
    assert!(notes::of_conversation(&mut tx, other.id, conversation).await?.is_empty());
    assert!(!notes::delete(&mut tx, other.id, first.id).await?);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(notes::delete(&mut tx, mine.id, first.id).await?);
    assert_eq!(notes::of_conversation(&mut tx, mine.id, conversation).await?, [second]);
    Ok(())
}

async fn canned_replies_are_kept_ready(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    let mut all = Vec::new();
    for minute in 0..3 {
        let reply = CannedReply {
            id: CannedReplyId::new(later(minute)),
            title: format!("Title {minute}"),
            text: "Thank you!".into(),
            created_at: later(minute),
        };
        canned_replies::insert(&mut tx, mine.id, &reply).await?;
        all.insert(0, reply);
    }
    assert_eq!(canned_replies::list(&mut tx, mine.id, ALL).await?.items, all);
    assert_eq!(paged!(|page| canned_replies::list(&mut tx, mine.id, page)), all);
    let id = all[0].id;
    let changed = canned_replies::update(&mut tx, mine.id, id, None, Some("Thanks!")).await?;
    assert_eq!(changed, Some(CannedReply { text: "Thanks!".into(), ..all[0].clone() }));
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(canned_replies::list(&mut tx, other.id, ALL).await?.items.is_empty());
    assert_eq!(canned_replies::update(&mut tx, other.id, id, Some("x"), None).await?, None);
    assert!(!canned_replies::delete(&mut tx, other.id, id).await?);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(canned_replies::delete(&mut tx, mine.id, id).await?);
    assert_eq!(canned_replies::list(&mut tx, mine.id, ALL).await?.items, all[1..]);
    Ok(())
}

async fn the_latest_opinion_counts(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let elsewhere = mine.client(db, now(), None).await?.conversation;
    let answer = messenger::answered(db, mine, person.conversation).await?;
    let asked = says(db, mine, person.conversation, 1, "Thanks").await?;
    let thinks = |message_id, helpful| Feedback {
        message_id,
        helpful,
        reason: (!helpful).then(|| "Too long".to_owned()),
        created_at: later(2),
    };
    let mut tx = db.write(mine.id).await?;
    assert!(feedback::give(&mut tx, mine.id, person.conversation, &thinks(answer, true)).await?);
    assert!(feedback::give(&mut tx, mine.id, person.conversation, &thinks(answer, false)).await?);
    assert!(!feedback::give(&mut tx, mine.id, person.conversation, &thinks(asked, true)).await?, "their own");
    assert!(!feedback::give(&mut tx, mine.id, elsewhere, &thinks(answer, true)).await?, "said elsewhere");
    let all = feedback::of_conversation(&mut tx, mine.id, person.conversation).await?;
    assert_eq!(all, [thinks(answer, false)]);
    assert_eq!(feedback::totals(&mut tx, mine.id, now()).await?, (0, 1));
    assert_eq!(feedback::totals(&mut tx, mine.id, later(3)).await?, (0, 0));
    tx.commit().await?;
    let second = messenger::answered(db, mine, person.conversation).await?;
    let mut tx = db.write(mine.id).await?;
    let liked = Feedback { created_at: later(5), ..thinks(second, true) };
    assert!(feedback::give(&mut tx, mine.id, person.conversation, &liked).await?);
    for (helpful, expected) in
        [(None, vec![second, answer]), (Some(true), vec![second]), (Some(false), vec![answer])]
    {
        let judged = feedback::list(&mut tx, mine.id, helpful, ALL).await?.items;
        let ids: Vec<_> = judged.iter().map(|one| one.feedback.message_id).collect();
        assert_eq!(ids, expected, "{helpful:?}");
        assert!(
            judged.iter().all(|one| one.text == "At five." && one.conversation_id == person.conversation)
        );
    }
    assert!(feedback::withdraw(&mut tx, mine.id, second).await?);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(feedback::list(&mut tx, other.id, None, ALL).await?.items.is_empty());
    assert!(!feedback::give(&mut tx, other.id, person.conversation, &thinks(answer, true)).await?);
    assert!(!feedback::withdraw(&mut tx, other.id, answer).await?);
    assert!(feedback::of_conversation(&mut tx, other.id, person.conversation).await?.is_empty());
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(feedback::withdraw(&mut tx, mine.id, answer).await?);
    assert_eq!(feedback::totals(&mut tx, mine.id, now()).await?, (0, 0));
    Ok(())
}

async fn a_button_is_tapped_once(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (here, there) =
        (mine.client(db, now(), None).await?.conversation, mine.client(db, now(), None).await?.conversation);
    let token = Uuid::new_v4().to_string();
    let meaning = json!({"do": "agree"});
    let mut tx = db.write(mine.id).await?;
    choices::insert(&mut tx, now(), mine.id, here, &token, &meaning).await?;
    assert_eq!(choices::take(&mut tx, now(), mine.id, there, &token).await?, None, "another's button");
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(choices::take(&mut tx, now(), other.id, here, &token).await?, None);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert_eq!(choices::take(&mut tx, now(), mine.id, here, &token).await?, Some(meaning));
    assert_eq!(choices::take(&mut tx, now(), mine.id, here, &token).await?, None, "once");
    Ok(())
}

async fn templates_follow_the_provider(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let account = messenger::account(db, mine, ChannelKind::Whatsapp).await?;
    let template = |name: &str, state: &str| Template {
        id: TemplateId::new(now()),
        channel_account_id: account,
        name: name.into(),
        language: "en_US".into(),
        category: "UTILITY".into(),
        state: state.into(),
        reason: None,
        quality: None,
        body: "{{1}}".into(),
        parameters: 1,
        synced_at: later(1),
    };
    let first = [template("a", "APPROVED"), template("b", "APPROVED")];
    let mut tx = db.write(mine.id).await?;
    templates::replace(&mut tx, later(1), mine.id, account, &first).await?;
    assert_eq!(templates::list(&mut tx, mine.id, account).await?, first);
    let now_listed = [template("b", "PAUSED"), template("c", "APPROVED")];
    templates::replace(&mut tx, later(2), mine.id, account, &now_listed).await?;
    let after = templates::list(&mut tx, mine.id, account).await?;
    let told: Vec<_> = after.iter().map(|one| (one.name.as_str(), one.state.as_str(), one.id)).collect();
    assert_eq!(told, [("b", "PAUSED", first[1].id), ("c", "APPROVED", now_listed[1].id)]);
    let c = ("c", "en_US");
    let disabled = News { state: Some("DISABLED"), reason: Some("too many blocks"), ..News::default() };
    assert!(templates::note(&mut tx, later(3), mine.id, account, c, disabled).await?);
    let rated = News { quality: Some("RED"), category: Some("MARKETING"), ..News::default() };
    assert!(templates::note(&mut tx, later(1), mine.id, account, c, rated).await?, "no news of its state");
    assert!(!templates::note(&mut tx, later(3), mine.id, account, ("a", "en_US"), disabled).await?);
    let late = News { state: Some("APPROVED"), ..News::default() };
    assert!(
        !templates::note(&mut tx, later(2), mine.id, account, c, late).await?,
        "it is older than what is known"
    );
    let found = templates::get(&mut tx, mine.id, account, "c", "en_US").await?.context("the template")?;
    assert_eq!((found.state.as_str(), found.synced_at), ("DISABLED", later(2)));
    assert_eq!((found.reason.as_deref(), found.quality.as_deref()), (Some("too many blocks"), Some("RED")));
    assert_eq!(found.category, "MARKETING");
    templates::replace(&mut tx, later(4), mine.id, account, &[template("c", "UNSUPPORTED")]).await?;
    assert!(templates::note(&mut tx, later(5), mine.id, account, c, late).await?);
    let found = templates::get(&mut tx, mine.id, account, "c", "en_US").await?.context("the template")?;
    assert_eq!(
        (found.state.as_str(), found.reason),
        ("UNSUPPORTED", None),
        "approved, and still not ours to fill in"
    );
    assert_eq!(templates::get(&mut tx, mine.id, account, "c", "de").await?, None);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(templates::list(&mut tx, other.id, account).await?.is_empty());
    assert!(!templates::note(&mut tx, later(9), other.id, account, ("c", "en_US"), disabled).await?);
    Ok(())
}

async fn strays_are_kept_for_the_operator(db: &TestDb) -> Result<()> {
    let mut tx = db.system().await?;
    for minute in 0..3 {
        strays::add(&mut tx, later(minute), ChannelKind::Whatsapp, "an unknown number", b"{}").await?;
    }
    let all = strays::list(&mut tx, ALL).await?.items;
    assert_eq!((all.len(), all[0].received_at), (3, later(2)));
    assert_eq!((all[0].kind.as_str(), all[0].reason.as_str()), ("whatsapp", "an unknown number"));
    assert_eq!(all[0].raw, b"{}");
    assert_eq!(paged!(|page| strays::list(&mut tx, page)), all);
    assert_eq!(strays::prune(&mut tx, later(1)).await?, 1);
    assert_eq!(strays::list(&mut tx, ALL).await?.items, all[..2]);
    Ok(())
}
