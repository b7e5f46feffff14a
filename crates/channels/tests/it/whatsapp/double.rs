//! Against the stand-in for the Cloud API, which holds us to the documented limits: real HTTP both ways.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use coxswain_channels::{
    road::{
        arrival::{Arrival, Content, Media, Reached},
        messenger::{Address, Code, Messenger, Part, Refusal, TemplateUse},
    },
    whatsapp::{Whatsapp, WhatsappSettings, connect, templates},
};
use coxswain_domain::{Clock, OutboxId};
use coxswain_store::connections::{Connection, Credentials};
use coxswain_test_support::{
    db::TestDb,
    faults::Fault,
    whatsapp::{BusinessNumber, Callback, FakeWhatsApp, File, Template},
};
use tokio::net::TcpListener;

use super::world::{SECRET, TOKEN, World};

coxswain_test_support::contract!(
    a_conversation_goes_both_ways,
    invariant_5_a_lost_answer_is_settled_by_the_status_that_names_our_id,
    invariant_7_outside_the_window_only_a_template_arrives,
    each_misbehaviour_is_taken_for_what_it_is,
);

/// Longer than anything here takes; a test that waits for what never comes fails.
const LONG: Duration = Duration::from_secs(20);

struct Street {
    world: World,
    fake: FakeWhatsApp,
    number: BusinessNumber,
    connection: Connection,
    whatsapp: Whatsapp,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Street {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn unwanted(refusal: Refusal) -> anyhow::Error {
    let Refusal { code, detail, .. } = refusal;
    anyhow!("refused with {code:?}: {detail}")
}

impl Street {
    async fn new(db: &TestDb) -> Result<Self> {
        let world = World::new(db);
        let fake = FakeWhatsApp::start_at(0, world.clock.clone()).await?;
        let number = fake.add_number("Mira", "+49 1555 0001");
        let whatsapp = Whatsapp::new(&WhatsappSettings {
            graph_url: fake.url(),
            version: "v26.0".into(),
            ..WhatsappSettings::default()
        })?;
        let credentials = Credentials::Whatsapp {
            access_token: number.access_token.clone(),
            business_account_id: number.business_account_id.clone(),
        };
        let connection = world.connect(&number.phone_number_id, Some(credentials)).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hooks/whatsapp", listener.local_addr()?);
        let router = world.router.clone();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                panic!("the webhook stopped: {error}");
            }
        });
        let callback = Callback { url, app_secret: SECRET.into() };
        fake.verify_callback(callback, TOKEN).await.map_err(|error| anyhow!(error))?;
        connect::subscribe(&whatsapp, &connection).await.map_err(unwanted)?;
        Ok(Self { world, fake, number, connection, whatsapp, server })
    }

    fn number(&self) -> &str {
        &self.number.phone_number_id
    }

    /// Everything that came, once all webhooks are taken.
    async fn came(&self) -> Result<Vec<Arrival>> {
        ensure!(self.fake.wait_until(LONG, |fake| fake.pending() == 0).await, "webhooks are still under way");
        let rows = self.world.inbox(self.connection.creator_id).await?;
        rows.iter().map(|row| Ok(self.whatsapp.read(&self.connection, &row.raw)?)).collect()
    }

    async fn find<T>(&self, wanted: impl Fn(&Content) -> Option<T>) -> Result<T> {
        let came = self.came().await?;
        came.iter().find_map(|arrival| wanted(&arrival.content)).with_context(|| format!("not in {came:?}"))
    }

    fn part(&self, text: &str) -> Part {
        let outbox = OutboxId::new(self.world.clock.now());
        Part { outbox, text: text.into(), buttons: Vec::new(), template: None }
    }

    async fn send(&self, to: &str, part: &Part) -> Result<String, Refusal> {
        let to = Address { user: to.into(), phone: None, last_message_id: None };
        self.whatsapp.send(&self.connection, &to, part).await.map(|accepted| accepted.message_id)
    }
}

async fn a_conversation_goes_both_ways(db: &TestDb) -> Result<()> {
    let street = Street::new(db).await?;
    let token = &street.number.access_token;
    let checked =
        connect::verify(&street.whatsapp, street.number(), &street.number.business_account_id, token);
    assert_eq!(checked.await.map_err(unwanted)?.verified_name, "Mira");

    let anna = street.fake.add_customer("Anna", "4915112345678");
    street.fake.hide_phone(&anna, true);
    let said = street.fake.say(street.number(), &anna, "How do I sleep? 😴");
    let came = street.came().await?;
    assert_eq!(came[0].content, Content::Text("How do I sleep? 😴".into()));
    assert_eq!(came[0].sender.id, anna, "known without a phone number");
    let address = Address { user: anna.clone(), phone: None, last_message_id: Some(said) };
    street.whatsapp.typing(&street.connection, &address).await;

    let parts = street.whatsapp.parts("**Dim** the lights.\n\n- early\n- every day", None);
    assert_eq!(parts, ["*Dim* the lights.\n\n- early\n- every day"]);
    let buttons =
        [("token-a", "Yes"), ("token-b", "No")].map(|(id, title)| (id.to_owned(), title.to_owned()));
    let part = Part { buttons: buttons.to_vec(), ..street.part(&parts[0]) };
    let wamid = street.send(&anna, &part).await.map_err(unwanted)?;
    street.fake.tap(street.number(), &anna, &wamid, "No").context("there is such a button")?;
    let choice = Content::Choice { token: "token-b".into(), title: "No".into(), query_id: None };
    street.find(|content| (*content == choice).then_some(())).await?;
    let many: Vec<_> =
        (1..=10).map(|n| (format!("row-{n}"), format!("A rather long title, number {n}"))).collect();
    let list =
        street.send(&anna, &Part { buttons: many, ..street.part("Which?") }).await.map_err(unwanted)?;
    let sent = street.fake.messages(street.number(), &anna);
    let list = sent.iter().find(|message| message.wamid == list).context("the list")?;
    assert_eq!((list.offers.len(), list.offers[0].row), (10, true));

    let file = File {
        kind: "audio".into(),
        mime: "audio/ogg".into(),
        bytes: b"spoken words".to_vec(),
        caption: String::new(),
        name: None,
    };
    street.fake.send_file(street.number(), &anna, &file);
    let file = street.find(|content| match content {
        Content::Media(Media { provider_file_id, .. }) => Some(provider_file_id.clone()),
        _ => None,
    });
    let file = file.await?;
    let fetched = street.whatsapp.fetch(&street.connection, &file, 1_000).await;
    assert_eq!(fetched, Ok(b"spoken words".to_vec()));
    street.fake.stop_marketing(street.number(), &anna, true);
    street.find(|content| (*content == Content::OptOut(true)).then_some(())).await?;
    let refused = street.fake.calls().into_iter().find(|call| call.status >= 400);
    assert!(refused.is_none(), "{refused:?}");
    Ok(())
}

async fn invariant_5_a_lost_answer_is_settled_by_the_status_that_names_our_id(db: &TestDb) -> Result<()> {
    let street = Street::new(db).await?;
    let anna = street.fake.add_customer("Anna", "4915112345678");
    street.fake.say(street.number(), &anna, "Hello");
    for fault in [Fault::LostAnswer { hold_ms: 1 }, Fault::BrokenJson] {
        street.fake.faults().next(fault);
        let part = street.part("An answer");
        let refusal = street.send(&anna, &part).await.err().context("nobody knows")?;
        assert_eq!(refusal.code, Code::Ambiguous);
        let opaque = part.outbox.to_string();
        let settled = street.find(|content| match content {
            Content::Status(status) if status.opaque.as_ref() == Some(&opaque) => {
                Some(status.message_id.clone())
            }
            _ => None,
        });
        let wamid = settled.await?;
        let messages = street.fake.messages(street.number(), &anna);
        assert_eq!(messages.iter().filter(|message| message.wamid == wamid).count(), 1);
    }
    Ok(())
}

async fn invariant_7_outside_the_window_only_a_template_arrives(db: &TestDb) -> Result<()> {
    let street = Street::new(db).await?;
    let anna = street.fake.add_customer("Anna", "4915112345678");
    street.fake.say(street.number(), &anna, "Hello");
    street.fake.close_window(street.number(), &anna);
    let free = street.part("How was the week?");
    let at_once = street.send(&anna, &free).await.err().map(|refusal| refusal.code);
    let late = street.came().await?.into_iter().find_map(|arrival| match arrival.content {
        Content::Status(status) if status.reached == Reached::Failed => {
            status.refusal.map(|refusal| refusal.code)
        }
        _ => None,
    });
    assert_eq!(at_once.or(late), Some(Code::Meta(131_047)), "at once or by webhook, the code is the same");

    street.fake.add_template(
        &street.number.business_account_id,
        Template {
            name: "check_in".into(),
            language: "en".into(),
            category: "UTILITY".into(),
            status: "APPROVED".into(),
            body: "Your coach asks: {{1}}".into(),
        },
    );
    let known = templates::fetch(&street.whatsapp, &street.connection).await.map_err(unwanted)?;
    assert_eq!((known.len(), known[0].parameters), (1, 1));
    let template = TemplateUse {
        name: known[0].name.clone(),
        language: known[0].language.clone(),
        parameters: vec![templates::fit("How was\nthe week?")],
    };
    let wamid = street.send(&anna, &Part { template: Some(template), ..free }).await.map_err(unwanted)?;
    let sent = street.fake.messages(street.number(), &anna);
    let sent = sent.iter().find(|message| message.wamid == wamid).context("the template")?;
    assert!(sent.text.contains("How was the week?"), "{}", sent.text);
    Ok(())
}

async fn each_misbehaviour_is_taken_for_what_it_is(db: &TestDb) -> Result<()> {
    let street = Street::new(db).await?;
    let anna = street.fake.add_customer("Anna", "4915112345678");
    street.fake.say(street.number(), &anna, "Hello");
    for (fault, code) in [
        (Fault::ServerError { status: 503 }, Code::Meta(2)),
        (Fault::TooMany { retry_after: 3 }, Code::Meta(130_429)),
        (Fault::Refuse { code: 368, detail: "Blocked.".into() }, Code::Meta(368)),
    ] {
        street.fake.faults().next(fault);
        let refusal = street.send(&anna, &street.part("Hi")).await.err().context("refused")?;
        assert_eq!(refusal.code, code);
    }
    street.fake.faults().next(Fault::Slow { ms: 50 });
    ensure!(street.send(&anna, &street.part("Hi")).await.is_ok(), "a slow answer is an answer");
    let revoked = Connection {
        credentials: Credentials::Whatsapp {
            access_token: "EAArevokedTokenThatWasOnceGood".into(),
            business_account_id: street.number.business_account_id.clone(),
        },
        ..street.connection.clone()
    };
    let to = Address { user: anna, phone: None, last_message_id: None };
    let refusal = street.whatsapp.send(&revoked, &to, &street.part("Hi")).await.err().context("revoked")?;
    assert_eq!(refusal.code, Code::Meta(190));
    assert!(!refusal.detail.contains("EAA"), "{}", refusal.detail);
    Ok(())
}
