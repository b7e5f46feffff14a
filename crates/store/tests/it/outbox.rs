//! The outbox: posted with the message, sent part by part, merged by rank.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::{
    ConversationId, MessageId, OutboxId, TurnId,
    conversation::{Author, MessageProblem, MessageStatus},
};
use coxswain_store::{
    Db,
    conversations::{self, NewMessage, Settled},
    jobs::{self, Lease},
    outbox::{
        self, Begun, Delivery, Purpose, Reached, Report, SEND_CAMPAIGN_JOB, SEND_JOB, SEND_NUDGE_JOB,
        SendPayload, State,
    },
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use serde_json::json;
use uuid::Uuid;

use crate::{
    ALL, later,
    messenger::{self, Talk, answered, end},
    now, paged, two,
};

contract!(
    an_answer_is_posted_when_it_is_final,
    a_failed_answer_posts_what_went_wrong,
    widgets_and_cancelled_drafts_post_nothing,
    a_nudge_is_posted_beside_replies,
    each_rank_has_a_road_of_its_own,
    a_message_is_cut_once,
    a_part_is_begun_once,
    a_part_that_came_to_nothing_is_tried_again,
    what_is_too_late_is_kept_back,
    reports_merge_by_rank_in_any_order,
    a_report_settles_what_nobody_knew,
    a_part_is_sent_again,
    failures_are_listed,
    anothers_outbox_is_out_of_reach,
);

async fn a_talk(db: &Db, coach: Coach) -> Result<Talk> {
    let bot = messenger::bot(db, coach).await?;
    messenger::talk(db, coach, bot, "ann").await
}

async fn part(db: &Db, coach: Coach, message: MessageId) -> Result<Delivery> {
    let mut tx = db.read(coach.id).await?;
    outbox::of_message(&mut tx, coach.id, message).await?.into_iter().next().context("posted")
}

async fn begin(db: &Db, coach: Coach, id: OutboxId) -> Result<Begun> {
    let mut tx = db.write(coach.id).await?;
    let begun = outbox::begin_sending(&mut tx, now(), coach.id, id).await?.context("the part")?;
    tx.commit().await?;
    Ok(begun)
}

async fn check_in(db: &Db, coach: Coach, conversation: ConversationId) -> Result<MessageId> {
    let new = NewMessage {
        conversation,
        turn: TurnId::new(now()),
        author: Author::CheckIn,
        text: "How was it?",
        status: MessageStatus::Done,
        client_message_id: None,
    };
    let mut tx = db.write(coach.id).await?;
    let (_, message) = conversations::add_message(&mut tx, now(), coach.id, new).await?;
    tx.commit().await?;
    Ok(message.id)
}

async fn an_answer_is_posted_when_it_is_final(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let reply = messenger::write(db, mine, talk.conversation, "When?").await?.reply.context("a reply")?.1;
    let mut tx = db.read(mine.id).await?;
    assert!(outbox::of_message(&mut tx, mine.id, reply.id).await?.is_empty(), "it is not final");
    drop(tx);
    {
        let mut tx = db.write(mine.id).await?;
        let end = end(MessageStatus::Done, "At five.");
        conversations::settle(&mut tx, now(), mine.id, reply.id, &end).await?.context("settled")?;
    }
    let mut tx = db.write(mine.id).await?;
    assert!(outbox::of_message(&mut tx, mine.id, reply.id).await?.is_empty(), "it was not committed");
    let end = end(MessageStatus::Done, "At five.");
    let (_, message) =
        conversations::settle(&mut tx, now(), mine.id, reply.id, &end).await?.context("settled")?;
    tx.commit().await?;
    let posted = part(db, mine, reply.id).await?;
    assert_eq!(
        (posted.text.as_str(), posted.state, posted.purpose),
        ("At five.", State::Queued, Purpose::Reply)
    );
    assert_eq!((posted.part, posted.parts, posted.attempts), (0, 0, 0));
    assert_eq!((posted.account, posted.turn_id), (talk.identity.channel_account_id, reply.turn_id));
    let mut tx = db.write(mine.id).await?;
    let twice = outbox::post(&mut tx, now(), mine.id, &message).await;
    assert!(twice.is_err(), "a turn is answered once: {twice:?}");
    drop(tx);
    let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(1) };
    let mut tx = db.system().await?;
    let job = jobs::claim(&mut tx, now(), SEND_JOB, lease).await?.context("the job that sends it")?;
    let payload: SendPayload = serde_json::from_value(job.payload)?;
    assert_eq!((payload.conversation_id, payload.message_id), (talk.conversation, reply.id));
    assert!(jobs::postpone(&mut tx, job.id, lease.worker, later(5)).await?);
    assert!(jobs::claim(&mut tx, later(4), SEND_JOB, lease).await?.is_none());
    let job = jobs::claim(&mut tx, later(5), SEND_JOB, lease).await?.context("its time has come")?;
    assert_eq!(job.attempts, 1, "waiting was no try");
    Ok(())
}

async fn a_failed_answer_posts_what_went_wrong(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let reply = messenger::write(db, mine, talk.conversation, "When?").await?.reply.context("a reply")?.1.id;
    let problem = MessageProblem { code: "model".into(), sentence: "Please ask again.".into() };
    let failed = Settled { problem: Some(problem), ..end(MessageStatus::Failed, "At") };
    let mut tx = db.write(mine.id).await?;
    conversations::settle(&mut tx, now(), mine.id, reply, &failed).await?.context("settled")?;
    tx.commit().await?;
    assert_eq!(part(db, mine, reply).await?.text, "Please ask again.");
    Ok(())
}

async fn widgets_and_cancelled_drafts_post_nothing(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let in_widget = answered(db, mine, person.conversation).await?;
    let nudge = check_in(db, mine, person.conversation).await?;
    let talk = a_talk(db, mine).await?;
    let reply = messenger::write(db, mine, talk.conversation, "When?").await?.reply.context("a reply")?.1.id;
    let mut tx = db.write(mine.id).await?;
    let cancelled = end(MessageStatus::Cancelled, "At");
    conversations::settle(&mut tx, now(), mine.id, reply, &cancelled).await?.context("settled")?;
    for message in [in_widget, nudge, reply] {
        assert!(outbox::of_message(&mut tx, mine.id, message).await?.is_empty());
    }
    assert!(!outbox::offer(&mut tx, mine.id, reply, &[]).await?);
    Ok(())
}

async fn a_nudge_is_posted_beside_replies(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let nudge = check_in(db, mine, talk.conversation).await?;
    answered(db, mine, talk.conversation).await?;
    assert_eq!(part(db, mine, nudge).await?.purpose, Purpose::Nudge);
    let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(1) };
    let mut tx = db.system().await?;
    assert!(jobs::claim(&mut tx, now(), SEND_NUDGE_JOB, lease).await?.is_some());
    assert!(jobs::claim(&mut tx, now(), SEND_JOB, lease).await?.is_some(), "a nudge keeps no reply waiting");
    tx.commit().await?;
    let mut tx = db.read(mine.id).await?;
    let both = outbox::of_conversation(&mut tx, mine.id, talk.conversation, 9).await?;
    let purposes: Vec<_> = both.iter().map(|part| part.purpose).collect();
    assert_eq!(purposes, [Purpose::Nudge, Purpose::Reply]);
    let latest = outbox::of_conversation(&mut tx, mine.id, talk.conversation, 1).await?;
    assert_eq!(latest, both[1..]);
    Ok(())
}

async fn each_rank_has_a_road_of_its_own(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(outbox::last_notice(&mut tx, mine.id, talk.conversation).await?, None);
    // In the order in which they would wait for each other on one road.
    for (minute, purpose) in [(0, Purpose::Campaign), (1, Purpose::Nudge), (2, Purpose::Notice)] {
        let new = NewMessage {
            conversation: talk.conversation,
            turn: TurnId::new(later(minute)),
            author: Author::Engine,
            text: "Hello.",
            status: MessageStatus::Done,
            client_message_id: None,
        };
        let (_, message) = conversations::add_message(&mut tx, later(minute), mine.id, new).await?;
        outbox::post_as(&mut tx, later(minute), mine.id, &message, purpose).await?.context("posted")?;
    }
    assert_eq!(outbox::last_notice(&mut tx, mine.id, talk.conversation).await?, Some(later(2)));
    tx.commit().await?;
    let mut tx = db.system().await?;
    for kind in [SEND_JOB, SEND_NUDGE_JOB, SEND_CAMPAIGN_JOB] {
        let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(1) };
        let job = jobs::claim(&mut tx, later(3), kind, lease).await?;
        assert!(job.is_some(), "{kind} waits for none of the others");
    }
    Ok(())
}

async fn a_message_is_cut_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let reply = answered(db, mine, talk.conversation).await?;
    let mut tx = db.write(mine.id).await?;
    let buttons = [("t1".to_owned(), "Yes".to_owned())];
    assert!(outbox::offer(&mut tx, mine.id, reply, &buttons).await?);
    outbox::expires(&mut tx, mine.id, reply, later(9)).await?;
    let three = ["<b>At</b>".to_owned(), "five".to_owned(), "sharp".to_owned()];
    let cut = outbox::split(&mut tx, now(), mine.id, reply, &three).await?;
    let texts: Vec<_> = cut.iter().map(|part| (part.part, part.parts, part.text.as_str())).collect();
    assert_eq!(texts, [(0, 3, "<b>At</b>"), (1, 3, "five"), (2, 3, "sharp")]);
    let under: Vec<_> = cut.iter().map(|part| part.buttons.len()).collect();
    assert_eq!(under, [0, 0, 1], "buttons are under the last");
    assert!(cut.iter().all(|part| part.state == State::Queued && part.expires_at == Some(later(9))));
    let again = outbox::split(&mut tx, now(), mine.id, reply, &["Other".to_owned()]).await?;
    assert_eq!(again, cut);
    assert!(!outbox::offer(&mut tx, mine.id, reply, &buttons).await?, "it is cut already");
    let short = answered_again(&mut tx, mine, talk.conversation).await?;
    assert!(outbox::offer(&mut tx, mine.id, short, &buttons).await?);
    let cut = outbox::split(&mut tx, now(), mine.id, short, &["All".to_owned()]).await?;
    assert_eq!((cut.len(), cut[0].parts, cut[0].buttons.len()), (1, 1, 1));
    Ok(())
}

async fn answered_again(
    tx: &mut coxswain_store::Tx,
    coach: Coach,
    conversation: ConversationId,
) -> Result<MessageId> {
    let new = messenger::burst(conversation, "And?");
    let accepted = conversations::accept_burst(tx, now(), coach.id, new, None).await?;
    let reply = accepted.reply.context("a reply")?.1.id;
    conversations::settle(tx, now(), coach.id, reply, &end(MessageStatus::Done, "All")).await?;
    Ok(reply)
}

async fn a_part_is_begun_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let id = part(db, mine, answered(db, mine, talk.conversation).await?).await?.id;
    let (one, two) = tokio::join!(begin(db, mine, id), begin(db, mine, id));
    let (one, two) = (one?, two?);
    let begun = [&one, &two].into_iter().filter(|begun| matches!(begun, Begun::Send(_))).count();
    let told = [&one, &two].into_iter().filter(|begun| matches!(begun, Begun::Unsettled(_))).count();
    assert_eq!((begun, told), (1, 1), "{one:?} {two:?}");
    let mut tx = db.write(mine.id).await?;
    assert!(outbox::accepted(&mut tx, mine.id, id, "m1").await?);
    tx.commit().await?;
    let Begun::Settled(sent) = begin(db, mine, id).await? else { anyhow::bail!("the provider has it") };
    assert_eq!((sent.state, sent.attempts), (State::Accepted, 1));
    assert_eq!(sent.provider_message_id.as_deref(), Some("m1"));
    Ok(())
}

async fn a_part_that_came_to_nothing_is_tried_again(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let id = part(db, mine, answered(db, mine, talk.conversation).await?).await?.id;
    begin(db, mine, id).await?;
    let mut tx = db.write(mine.id).await?;
    assert!(outbox::requeue(&mut tx, mine.id, id, (Some("429"), "Too many requests")).await?);
    assert!(!outbox::requeue(&mut tx, mine.id, id, (None, "")).await?, "it waits already");
    tx.commit().await?;
    let Begun::Send(again) = begin(db, mine, id).await? else { anyhow::bail!("it is begun again") };
    assert_eq!((again.attempts, again.code.as_deref()), (2, Some("429")));
    let mut tx = db.write(mine.id).await?;
    assert!(outbox::unknown(&mut tx, mine.id, id, "The answer never came").await?);
    tx.commit().await?;
    assert!(matches!(begin(db, mine, id).await?, Begun::Unsettled(_)));
    let mut tx = db.write(mine.id).await?;
    assert!(outbox::requeue(&mut tx, mine.id, id, (None, "Nobody heard of it")).await?);
    tx.commit().await?;
    messenger::take_over(db, mine, talk.conversation).await?;
    let Begun::Withheld(kept) = begin(db, mine, id).await? else { anyhow::bail!("a member took over") };
    assert_eq!((kept.state, kept.attempts), (State::Withheld, 2));
    Ok(())
}

async fn what_is_too_late_is_kept_back(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let nudge = check_in(db, mine, talk.conversation).await?;
    let id = part(db, mine, nudge).await?.id;
    let mut tx = db.write(mine.id).await?;
    outbox::expires(&mut tx, mine.id, nudge, now()).await?;
    tx.commit().await?;
    assert!(matches!(begin(db, mine, id).await?, Begun::Withheld(_)));
    let kept = part(db, mine, nudge).await?;
    assert_eq!((kept.state, kept.settled_at), (State::Withheld, Some(now())));
    assert!(kept.detail.is_some());
    let mut tx = db.write(mine.id).await?;
    assert!(!outbox::withhold(&mut tx, now(), mine.id, id, "Quiet hours").await?, "it is settled");
    let held = check_in(db, mine, talk.conversation);
    drop(tx);
    let id = part(db, mine, held.await?).await?.id;
    let mut tx = db.write(mine.id).await?;
    assert!(outbox::withhold(&mut tx, now(), mine.id, id, "Quiet hours").await?);
    tx.commit().await?;
    let Begun::Withheld(kept) = begin(db, mine, id).await? else { anyhow::bail!("it was kept back") };
    assert_eq!(kept.detail.as_deref(), Some("Quiet hours"));
    Ok(())
}

async fn reports_merge_by_rank_in_any_order(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let account = talk.identity.channel_account_id;
    let orders: [(&[State], State); 6] = [
        (&[State::Sent, State::Delivered, State::Read], State::Read),
        (&[State::Read, State::Delivered, State::Sent], State::Read),
        (&[State::Delivered, State::Failed], State::Delivered),
        (&[State::Failed, State::Sent], State::Failed),
        (&[State::Failed, State::Delivered], State::Delivered),
        (&[State::Sent, State::Sent], State::Sent),
    ];
    for (number, (order, last)) in orders.into_iter().enumerate() {
        let reply = answered(db, mine, talk.conversation).await?;
        let id = part(db, mine, reply).await?.id;
        begin(db, mine, id).await?;
        let name = format!("m{number}");
        let mut tx = db.write(mine.id).await?;
        outbox::accepted(&mut tx, mine.id, id, &name).await?;
        for state in order {
            let problem = (*state == State::Failed).then_some(("131047", "Outside the window"));
            let report =
                Report { provider_message_id: &name, opaque: None, state: *state, problem, pricing: None };
            outbox::reached(&mut tx, later(1), mine.id, account, report).await?;
        }
        tx.commit().await?;
        let after = part(db, mine, reply).await?;
        assert_eq!(after.state, last, "{order:?}");
        assert_eq!(after.code.is_some(), last == State::Failed, "{order:?}");
        assert_eq!(after.settled_at.is_some(), last != State::Sent, "{order:?}");
    }
    Ok(())
}

async fn a_report_settles_what_nobody_knew(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let another = messenger::bot(db, mine).await?;
    let reply = answered(db, mine, talk.conversation).await?;
    let id = part(db, mine, reply).await?.id;
    begin(db, mine, id).await?;
    let mut tx = db.write(mine.id).await?;
    outbox::unknown(&mut tx, mine.id, id, "The answer never came").await?;
    let cost = json!({"billable": true, "category": "service"});
    let sent = Report {
        provider_message_id: "m1",
        opaque: None,
        state: State::Sent,
        problem: None,
        pricing: Some(&cost),
    };
    let account = talk.identity.channel_account_id;
    let reached = outbox::reached(&mut tx, now(), mine.id, account, sent).await?;
    assert_eq!(reached, Reached::Unmatched, "nobody knows the provider's id yet");
    let ours = Report { opaque: Some(id), ..sent };
    let elsewhere = outbox::reached(&mut tx, now(), mine.id, another, ours).await?;
    assert_eq!(elsewhere, Reached::Unmatched, "another account's reports are about its own");
    let Reached::Advanced(part) = outbox::reached(&mut tx, now(), mine.id, account, ours).await? else {
        anyhow::bail!("it was sent after all");
    };
    assert_eq!((part.state, part.provider_message_id.as_deref()), (State::Sent, Some("m1")));
    assert_eq!(part.pricing, Some(cost.clone()));
    assert_eq!(outbox::reached(&mut tx, now(), mine.id, account, sent).await?, Reached::Known);
    assert!(outbox::accepted(&mut tx, mine.id, id, "m1").await?, "the answer that came last");
    tx.commit().await?;
    let Begun::Settled(part) = begin(db, mine, id).await? else { anyhow::bail!("it is not sent again") };
    assert_eq!((part.state, part.pricing), (State::Sent, Some(cost)));
    Ok(())
}

async fn a_part_is_sent_again(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let reply = answered(db, mine, talk.conversation).await?;
    let id = part(db, mine, reply).await?.id;
    let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(1) };
    let mut tx = db.system().await?;
    let job = jobs::claim(&mut tx, now(), SEND_JOB, lease).await?.context("its job")?;
    assert!(jobs::finish(&mut tx, now(), job.id, lease.worker).await?);
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    assert!(!outbox::again(&mut tx, now(), mine.id, id, now()).await?, "it is on its way");
    assert!(outbox::failed(&mut tx, now(), mine.id, id, (Some("131047"), "Outside the window")).await?);
    assert!(!outbox::failed(&mut tx, now(), mine.id, id, (None, "")).await?, "once");
    assert!(outbox::again(&mut tx, now(), mine.id, id, later(2)).await?);
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert!(jobs::claim(&mut tx, later(1), SEND_JOB, lease).await?.is_none());
    let job = jobs::claim(&mut tx, later(2), SEND_JOB, lease).await?.context("its new job")?;
    assert!(jobs::postpone(&mut tx, job.id, lease.worker, later(60)).await?);
    tx.commit().await?;
    let news = part(db, mine, reply).await?;
    let mut tx = db.write(mine.id).await?;
    outbox::hurry(&mut tx, later(3), mine.id, &news).await?;
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert!(jobs::claim(&mut tx, later(3), SEND_JOB, lease).await?.is_some(), "there was news");
    tx.commit().await?;
    assert!(matches!(begin(db, mine, id).await?, Begun::Send(_)));
    Ok(())
}

async fn failures_are_listed(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let mut failed = Vec::new();
    for _ in 0..3 {
        let id = part(db, mine, answered(db, mine, talk.conversation).await?).await?.id;
        let mut tx = db.write(mine.id).await?;
        outbox::failed(&mut tx, now(), mine.id, id, (None, "Blocked")).await?;
        tx.commit().await?;
        failed.push(id);
    }
    answered(db, mine, talk.conversation).await?;
    let mut tx = db.read(mine.id).await?;
    let listed = outbox::list(&mut tx, mine.id, None, State::Failed, ALL).await?.items;
    let account = Some(talk.identity.channel_account_id);
    let ids: Vec<_> = listed.iter().rev().map(|part| part.id).collect();
    assert_eq!(ids, failed);
    assert_eq!(paged!(|page| outbox::list(&mut tx, mine.id, account, State::Failed, page)), listed);
    Ok(())
}

async fn anothers_outbox_is_out_of_reach(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let talk = a_talk(db, mine).await?;
    let reply = answered(db, mine, talk.conversation).await?;
    let id = part(db, mine, reply).await?.id;
    let mut tx = db.write(other.id).await?;
    assert!(outbox::of_message(&mut tx, other.id, reply).await?.is_empty());
    assert!(outbox::split(&mut tx, now(), other.id, reply, &["x".to_owned()]).await?.is_empty());
    assert!(outbox::of_conversation(&mut tx, other.id, talk.conversation, 9).await?.is_empty());
    assert!(outbox::list(&mut tx, other.id, None, State::Queued, ALL).await?.items.is_empty());
    assert_eq!(outbox::begin_sending(&mut tx, now(), other.id, id).await?, None);
    assert!(!outbox::accepted(&mut tx, other.id, id, "m1").await?);
    assert!(!outbox::failed(&mut tx, now(), other.id, id, (None, "")).await?);
    assert!(!outbox::withhold(&mut tx, now(), other.id, id, "").await?);
    assert_eq!(outbox::withhold_replies(&mut tx, now(), other.id, talk.conversation).await?, 0);
    assert!(!outbox::unknown(&mut tx, other.id, id, "").await?);
    assert!(!outbox::again(&mut tx, now(), other.id, id, now()).await?);
    let report = Report {
        provider_message_id: "m",
        opaque: Some(id),
        state: State::Read,
        problem: None,
        pricing: None,
    };
    let account = talk.identity.channel_account_id;
    let reached = outbox::reached(&mut tx, now(), other.id, account, report).await?;
    assert_eq!(reached, Reached::Unmatched);
    Ok(())
}
