//! A mail server of our own: speaks enough SMTP (RFC 5321) to take a mail, refuse it, or hang.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// How long anything may take. Machines that run tests are busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// How the server behaves towards the next mails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It takes every mail.
    #[default]
    Takes,
    /// It refuses every recipient with this code and these words.
    Refuses(u16, String),
    /// It greets, and then says nothing more.
    Hangs,
}

/// A mail that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// Headers and body, as they came, without the dots that SMTP doubles.
    pub content: String,
}

#[derive(Default)]
struct State {
    mood: Mood,
    mails: Vec<Mail>,
    /// Recipients that were refused.
    refused: usize,
    connections: usize,
}

/// A running mail server, gone when dropped.
pub struct Smtp {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    changes: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Smtp {
    /// Starts a server that takes every mail.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        let (news, changes) = watch::channel(0);
        let (shared, news) = (Arc::clone(&state), Arc::new(news));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().connections += 1;
                let (state, news) = (Arc::clone(&shared), Arc::clone(&news));
                news.send_modify(|count| *count += 1);
                tokio::spawn(async move {
                    // A client that goes away ends its session, which is no failure of the server.
                    let _ = serve(stream, &state, &news).await;
                });
            }
        });
        Ok(Self { address, state, changes, task })
    }

    /// Its address, for `mail.smtp_url`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// From now on it behaves like this.
    pub fn set(&self, mood: Mood) {
        self.state.lock().mood = mood;
    }

    /// The mails it took, the oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.state.lock().mails.clone()
    }

    /// How many recipients it refused.
    pub fn refused(&self) -> usize {
        self.state.lock().refused
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.state.lock().connections
    }

    /// Waits until `true`, looking again at each thing that happens.
    pub async fn until(&self, mut ready: impl FnMut(&Self) -> bool) -> Result<()> {
        let mut changes = self.changes.clone();
        let waiting = async {
            while !ready(self) {
                changes.changed().await?;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, waiting).await.context("the mail server waited in vain")?
    }
}

/// One session.
async fn serve(stream: TcpStream, state: &Mutex<State>, changed: &watch::Sender<usize>) -> Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.example ESMTP\r\n").await?;
    let mut mail = Mail { from: String::new(), to: Vec::new(), content: String::new() };
    while let Some(line) = lines.next_line().await? {
        let mood = state.lock().mood.clone();
        if mood == Mood::Hangs {
            continue;
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match (verb.as_str(), &mood) {
            ("EHLO", _) => "250-mail.example\r\n250 8BITMIME".to_owned(),
            ("MAIL", _) => {
                mail = Mail { from: path(&line), to: Vec::new(), content: String::new() };
                "250 2.1.0 Ok".to_owned()
            }
            ("RCPT", Mood::Refuses(code, words)) => {
                state.lock().refused += 1;
                changed.send_modify(|count| *count += 1);
                format!("{code} {words}")
            }
            ("RCPT", _) => {
                mail.to.push(path(&line));
                "250 2.1.5 Ok".to_owned()
            }
            ("DATA", _) if mail.to.is_empty() => "503 5.5.1 No recipient".to_owned(),
            ("DATA", _) => {
                write.write_all(b"354 End with a dot\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    mail.content.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.content.push('\n');
                }
                state.lock().mails.push(mail.clone());
                changed.send_modify(|count| *count += 1);
                "250 2.0.0 Ok: queued".to_owned()
            }
            ("QUIT", _) => {
                write.write_all(b"221 2.0.0 Bye\r\n").await?;
                return Ok(());
            }
            ("HELO" | "RSET" | "NOOP", _) => "250 2.0.0 Ok".to_owned(),
            _ => "502 5.5.2 What?".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// What stands between `<` and `>`.
fn path(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(path, _)| path.to_owned()).unwrap_or_default()
}
