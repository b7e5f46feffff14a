//! Mail to the team when a client wants a person.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use coxswain_creator_hub::mail::Mailer;
use coxswain_store::{conversations, jobs, notices::MAIL_JOB};
use coxswain_test_support::{
    db::TestDb,
    smtp::{Mood, Smtp},
};
use serde_json::{Value, json};

use crate::{
    app::{App, Login, now},
    people::Person,
    telling::Telling,
};

coxswain_test_support::contract! {
    those_who_want_it_are_mailed_once_in_a_while,
    a_mail_that_is_put_off_is_sent_again,
    a_mail_that_is_refused_for_good_is_given_up,
    nobody_is_called_once_somebody_came,
}

struct World {
    app: App,
    owner: Login,
    person: Person,
    smtp: Smtp,
    telling: Telling,
}

impl World {
    async fn new(db: &TestDb) -> Result<Self> {
        let app = App::new(db).await?;
        let owner = app.register("mira").await?;
        let bot = app.bot(&owner, "42").await?;
        let person = app.writes(&owner, &bot, "Ann\r\nBcc: all@example.org", "A person, please").await?;
        let smtp = Smtp::start().await?;
        let from = "Coxswain <coxswain@coach.example>";
        let (db, clock) = (app.db.clone(), app.clock.clone());
        let mailer = Mailer::new(db, clock, &smtp.url(), from, "https://coach.example")?;
        let telling = Telling::new(&app, Some(mailer.patient_for(Duration::from_millis(500))))?;
        Ok(Self { app, owner, person, smtp, telling })
    }

    /// The client asks for a person, anew.
    async fn asks(&self) -> Result<()> {
        let (now, creator) = (coxswain_domain::Clock::now(&*self.app.clock), self.owner.creator);
        let mut tx = self.app.db.write(creator).await?;
        conversations::hand_back(&mut tx, creator, self.person.conversation).await?;
        ensure!(conversations::want_human(&mut tx, now, creator, self.person.conversation).await?);
        tx.commit().await?;
        self.telling.tell().await
    }

    /// Mails that are neither sent nor given up, and those given up.
    async fn open(&self) -> Result<(i64, i64)> {
        let mut tx = self.app.db.system_read().await?;
        let depths = jobs::depths(&mut tx).await?;
        let mails = |dead: bool| {
            let mails =
                depths.iter().filter(|depth| depth.kind == MAIL_JOB && (depth.state == "dead") == dead);
            mails.map(|depth| depth.jobs).sum()
        };
        Ok((mails(false), mails(true)))
    }

    /// Waits until a mail is to be tried again.
    async fn until_ready(&self) -> Result<()> {
        for _ in 0..2_400 {
            let mut tx = self.app.db.system_read().await?;
            let depths = jobs::depths(&mut tx).await?;
            if depths.iter().any(|depth| depth.kind == MAIL_JOB && depth.state == "ready") {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        anyhow::bail!("no mail is to be tried again")
    }

    async fn until_open(&self, expected: (i64, i64)) -> Result<()> {
        for _ in 0..2_400 {
            if self.open().await? == expected {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        anyhow::bail!("{:?} instead of {expected:?}", self.open().await?)
    }
}

async fn those_who_want_it_are_mailed_once_in_a_while(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let (app, smtp) = (&world.app, &world.smtp);
    let viewer = app.join(&world.owner, "vic", "viewer").await?;
    let path = "/api/v1/me/notices";
    ensure!(
        app.see(&world.owner, path).await?["human_wanted"] == true,
        "owners are, until they say otherwise"
    );
    ensure!(app.see(&viewer, path).await? == json!({ "human_wanted": false, "mail": false }));
    world.asks().await?;
    smtp.until(|smtp| smtp.mails().len() == 1).await?;
    world.until_open((0, 0)).await?;
    let mail = smtp.mails().remove(0);
    ensure!(mail.from == "coxswain@coach.example" && mail.to == ["mira@example.org"], "{mail:?}");
    let (head, body) = mail.content.split_once("\n\n").context("a header and a body")?;
    ensure!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    ensure!(head.contains("Message-ID: <notice-"), "{head}");
    let link = format!("https://coach.example/inbox/{}", world.person.conversation);
    ensure!(body.replace("=\n", "").contains(&link), "{body}");
    ensure!(!mail.content.contains("A person, please"), "what clients write stays in the portal");
    let choice: Value =
        app.patch(path).by(&viewer).json(&json!({ "human_wanted": true })).send().await?.json();
    ensure!(choice["human_wanted"] == true);
    world.telling.later(app, TimeDelta::minutes(8));
    world.asks().await?;
    world.telling.later(app, TimeDelta::minutes(1));
    ensure!(world.open().await? == (0, 0), "the team was mailed a moment ago");
    world.telling.later(app, TimeDelta::minutes(6));
    world.asks().await?;
    smtp.until(|smtp| smtp.mails().len() == 3).await?;
    let mut to: Vec<_> = smtp.mails().iter().skip(1).flat_map(|mail| mail.to.clone()).collect();
    to.sort_unstable();
    ensure!(to == ["mira@example.org", "vic@example.org"], "{to:?}");
    Ok(())
}

async fn a_mail_that_is_put_off_is_sent_again(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    world.smtp.set(Mood::Refuses(451, "4.7.1 Try again later".into()));
    world.asks().await?;
    world.smtp.until(|smtp| smtp.refused() == 1).await?;
    world.until_ready().await?;
    world.smtp.set(Mood::Hangs);
    let before = world.smtp.connections();
    world.telling.later(&world.app, TimeDelta::minutes(10));
    world.smtp.until(|smtp| smtp.connections() > before).await?;
    world.until_ready().await?;
    world.smtp.set(Mood::Takes);
    world.telling.later(&world.app, TimeDelta::minutes(10));
    world.smtp.until(|smtp| smtp.mails().len() == 1).await?;
    world.until_open((0, 0)).await?;
    ensure!(world.smtp.mails().len() == 1, "{:?}", world.smtp.mails());
    Ok(())
}

async fn a_mail_that_is_refused_for_good_is_given_up(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    world.smtp.set(Mood::Refuses(550, "5.1.1 No such user".into()));
    world.asks().await?;
    world.until_open((0, 1)).await?;
    ensure!(world.smtp.refused() == 1 && world.smtp.mails().is_empty());
    Ok(())
}

async fn nobody_is_called_once_somebody_came(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let path = format!("/api/v1/inbox/{}/take-over", world.person.conversation);
    let mut tx = world.app.db.write(world.owner.creator).await?;
    conversations::want_human(&mut tx, now(), world.owner.creator, world.person.conversation).await?;
    tx.commit().await?;
    world.app.post(&path).by(&world.owner).send().await?.expect(200)?;
    world.telling.tell().await?;
    world.until_open((0, 0)).await?;
    ensure!(world.smtp.connections() == 0);
    Ok(())
}
