//! A coach, their check-ins and the engine that sends them.

use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, Utc};
use coxswain_domain::{
    CheckInId,
    account::{CreatorSettings, QuietHours},
    conversation::Message,
    decision::Reason,
    fakes::ManualClock,
    schedule::{Weekday, Weekdays},
};
use coxswain_proactive::{Engine, Ticked};
use coxswain_store::{
    Db,
    check_ins::{self, NewCheckIn},
    conversations,
    decisions::{self, Decision, Filter},
    live::Live,
    page::Page,
};
use coxswain_test_support::seed::{Coach, Person, at};

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) live: Live,
    pub(crate) engine: Engine,
    pub(crate) coach: Coach,
}

/// Settings that leave every hour open.
pub(crate) fn no_quiet_hours() -> CreatorSettings {
    let quiet_hours = QuietHours { start: "00:00".into(), end: "00:00".into() };
    CreatorSettings { quiet_hours, ..CreatorSettings::default() }
}

impl World {
    /// A coach with these settings; it is `now`.
    pub(crate) async fn new(db: &Db, now: &str, settings: CreatorSettings) -> Result<Self> {
        let clock = Arc::new(ManualClock::at(at(now)));
        let live = Live::default();
        let engine = Engine::new(db.clone(), clock.clone(), live.clone());
        let coach = Coach::new(db, at(now), settings).await?;
        Ok(Self { db: db.clone(), clock, live, engine, coach })
    }

    /// A client in this zone who agreed to check-ins.
    pub(crate) async fn person(&self, now: &str, zone: &str) -> Result<Person> {
        let person = self.coach.client(&self.db, at(now), Some(zone)).await?;
        self.coach.agree(&self.db, at(now), person).await?;
        Ok(person)
    }

    /// A check-in for every day.
    pub(crate) async fn check_in(&self, now: &str, local_time: &str) -> Result<CheckInId> {
        let mut tx = self.db.write(self.coach.id).await?;
        let id = check_ins::insert(&mut tx, at(now), self.coach.id, &daily(local_time)?).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a check-in to another time, or switches it off.
    pub(crate) async fn change(&self, now: &str, id: CheckInId, changed: &NewCheckIn) -> Result<()> {
        let mut tx = self.db.write(self.coach.id).await?;
        let version = check_ins::get(&mut tx, self.coach.id, id).await?.map_or(0, |found| found.version);
        anyhow::ensure!(
            check_ins::update(&mut tx, at(now), self.coach.id, id, version, changed).await?,
            "it was changed"
        );
        Ok(tx.commit().await?)
    }

    /// When a check-in is due next.
    pub(crate) async fn next(&self, id: CheckInId) -> Result<Option<DateTime<Utc>>> {
        let mut tx = self.db.read(self.coach.id).await?;
        Ok(check_ins::get(&mut tx, self.coach.id, id).await?.and_then(|found| found.next_due_at))
    }

    /// What the engine sends and holds back at this moment.
    pub(crate) async fn tick(&self, now: &str) -> Result<(usize, usize)> {
        let Ticked { sent, held, failed } = self.engine.tick(at(now)).await?;
        anyhow::ensure!(failed == 0, "{failed} moments could not be decided");
        Ok((sent, held))
    }

    /// All decisions, by the moment that was due.
    pub(crate) async fn decisions(&self) -> Result<Vec<Decision>> {
        let mut tx = self.db.read(self.coach.id).await?;
        let page = Page { limit: 100, after: None };
        let mut all = decisions::list(&mut tx, self.coach.id, Filter::default(), page).await?.items;
        all.sort_by_key(|decision| decision.due_at);
        Ok(all)
    }

    /// Their reasons.
    pub(crate) async fn reasons(&self) -> Result<Vec<Reason>> {
        Ok(self.decisions().await?.into_iter().map(|decision| decision.reason).collect())
    }

    /// What a client finds in their conversation.
    pub(crate) async fn messages(&self, person: Person) -> Result<Vec<Message>> {
        let mut tx = self.db.read(self.coach.id).await?;
        let all =
            conversations::list_messages(&mut tx, self.coach.id, person.conversation, i64::MAX, 1000).await?;
        Ok(all.into_iter().map(|(_, message)| message).collect())
    }
}

/// A check-in for every day at this time.
pub(crate) fn daily(local_time: &str) -> Result<NewCheckIn> {
    Ok(NewCheckIn {
        text: "How did the morning go?".into(),
        weekdays: Weekday::ALL.into_iter().collect::<Weekdays>(),
        local_time: local_time.parse()?,
        enabled: true,
    })
}
