//! Mail to the team when a client wants a person.

mod words;

use std::time::Duration;

use async_trait::async_trait;
use coxswain_domain::SharedClock;
use coxswain_store::{
    Db, StoreError,
    jobs::Job,
    notices::{self, MAIL_JOB, MailPayload},
    work::{self, Handler, JobError},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::AddressError,
    message::{Mailbox, header::ContentType},
    transport::smtp,
};
use uuid::Uuid;

/// How long the mail server may be silent, and how long a mail may take altogether.
const SILENCE: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_mins(1);
/// Mails sent at once.
const AT_ONCE: usize = 4;

/// Why mail cannot be sent with these settings.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// The server's address.
    #[error("mail.smtp_url cannot be used: {0}")]
    Url(#[source] smtp::Error),
    /// The sender's address.
    #[error("mail.from cannot be used: {0}")]
    From(#[source] AddressError),
}

/// Sends mail to members: the handler of [`MAIL_JOB`].
pub struct Mailer {
    db: Db,
    clock: SharedClock,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    portal: String,
    patience: Duration,
}

impl Mailer {
    /// A mailer over an SMTP server (`smtp://`, `smtps://`, with user and password, `?tls=required`). Nothing is
    /// connected to yet. `public_url` is where members find the portal, without a slash at the end.
    pub fn new(
        db: Db,
        clock: SharedClock,
        smtp_url: &str,
        from: &str,
        public_url: &str,
    ) -> Result<Self, MailSetupError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)
            .map_err(MailSetupError::Url)?
            .timeout(Some(SILENCE))
            .build();
        let from = from.parse().map_err(MailSetupError::From)?;
        Ok(Self { db, clock, transport, from, portal: public_url.to_owned(), patience: PATIENCE })
    }

    /// Waits so long for a mail to be taken instead of a minute.
    #[must_use]
    pub const fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether the server takes our mail, as far as it says so without one.
    pub async fn check(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("it does not answer".to_owned()),
            Err(error) => Err(chain(&error)),
        }
    }

    async fn write(&self, job: &Job, notice: &notices::Notice, payload: MailPayload) -> Result<(), JobError> {
        let address = notice.email.parse().map_err(|error: AddressError| {
            JobError::Fail(format!("the member's address cannot be used: {error}"))
        })?;
        let to = Mailbox::new(Some(words::plain(&notice.member_name)), address);
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(words::subject(notice))
            .header(ContentType::TEXT_PLAIN)
            // The same for each try, so that one that arrived twice is one mail to most readers.
            .message_id(Some(format!("<notice-{}@{}>", job.id, self.from.email.domain())))
            .date(self.clock.now().into())
            .body(words::body(notice, payload.conversation_id, &self.portal))
            .map_err(|error| JobError::Fail(error.to_string()))?;
        let sent = tokio::time::timeout(self.patience, self.transport.send(message)).await;
        let outcome = if matches!(sent, Ok(Ok(_))) { "sent" } else { "refused" };
        metrics::counter!("coxswain_mails_total", "outcome" => outcome).increment(1);
        match sent {
            Ok(sent) => sent.map(drop).map_err(|error| refused(&error)),
            Err(_) => Err(JobError::Retry("the mail server took too long".to_owned())),
        }
    }
}

/// What a server's refusal means: a mailbox that is not there will not be later, the rest may pass, a wrong
/// password in the settings included.
fn refused(error: &smtp::Error) -> JobError {
    let code = error.status().map(u16::from);
    if error.is_permanent() && !matches!(code, Some(530..=538)) {
        return JobError::Fail(chain(error));
    }
    JobError::Retry(chain(error))
}

fn chain(error: &smtp::Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[async_trait]
impl Handler for Mailer {
    fn kind(&self) -> &'static str {
        MAIL_JOB
    }

    fn concurrency(&self) -> usize {
        AT_ONCE
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: MailPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let mut tx = self.db.read(job.creator).await?;
        let notice = notices::notice(&mut tx, job.creator, payload).await?;
        drop(tx);
        // Somebody has taken over meanwhile: nobody need come running.
        if let Some(notice) = notice {
            self.write(job, &notice, payload).await?;
        }
        let mut tx = self.db.write(job.creator).await?;
        work::finish(&mut tx, self.clock.now(), job, worker).await?;
        Ok(tx.commit().await?)
    }

    async fn gave_up(&self, _job: &Job, _error: &str) -> Result<(), StoreError> {
        // The conversation waits in the inbox whether or not the mail arrives.
        Ok(())
    }
}
