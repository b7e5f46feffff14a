//! Telegram and `WhatsApp` on this machine: both doubles on given ports, and a page to write as a client.

mod control;
mod page;
mod telegram;
mod whatsapp;

use std::{io::Write, net::Ipv4Addr, process::ExitCode, sync::Arc, time::Duration};

use axum::Router;
use clap::Parser;
use coxswain_domain::SystemClock;
use coxswain_test_support::{
    telegram::FakeTelegram,
    whatsapp::{Callback, FakeWhatsApp, Template},
};
use tokio::net::TcpListener;

/// Telegram and WhatsApp on this machine, for trying Coxswain without an account anywhere.
///
/// Serves the Bot API and the Graph API as far as Coxswain uses them, and a page on which you are the client.
/// Everything is kept in memory; tokens stay the same from start to start.
#[derive(Parser)]
#[command(name = "doubles")]
struct Options {
    /// Port of the page and of /control.
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Port of the Bot API: Coxswain's `telegram.api_url`.
    #[arg(long, default_value_t = 8091)]
    telegram_port: u16,
    /// Port of the Graph API: Coxswain's `whatsapp.graph_url`.
    #[arg(long, default_value_t = 8092)]
    whatsapp_port: u16,
    /// Where WhatsApp's webhooks go.
    #[arg(long, default_value = "http://127.0.0.1:8080/hooks/whatsapp")]
    callback: String,
    /// What they are signed with: Coxswain's `whatsapp.app_secret`.
    #[arg(long, default_value = "only-for-trying")]
    app_secret: String,
    /// Wait before a webhook that was refused is sent again, in milliseconds; twice as long each time.
    #[arg(long, default_value_t = 2000)]
    retry_ms: u64,
    /// Without the bot, the number and the two people to begin with.
    #[arg(long)]
    bare: bool,
}

/// Both doubles.
struct Desk {
    telegram: FakeTelegram,
    whatsapp: FakeWhatsApp,
    /// Lines to start Coxswain with.
    start_with: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "doubles: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let telegram = FakeTelegram::start_at(options.telegram_port, clock.clone()).await?;
    let whatsapp = FakeWhatsApp::start_at(options.whatsapp_port, clock).await?;
    let wait = Duration::from_millis(options.retry_ms);
    telegram.retry_after(wait);
    whatsapp.retry_after(wait);
    whatsapp.set_callback(Callback { url: options.callback, app_secret: options.app_secret.clone() });
    if !options.bare {
        furnish(&telegram, &whatsapp);
    }
    let start_with = vec![
        format!("COXSWAIN__TELEGRAM__API_URL={}", telegram.url()),
        format!("COXSWAIN__WHATSAPP__GRAPH_URL={}", whatsapp.url()),
        format!("COXSWAIN__WHATSAPP__APP_SECRET={}", options.app_secret),
        "COXSWAIN__WHATSAPP__VERIFY_TOKEN=only-for-trying".to_owned(),
    ];
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    greet(&listener.local_addr()?.to_string(), &telegram, &whatsapp, &start_with)?;
    let desk = Arc::new(Desk { telegram, whatsapp, start_with });
    let app = Router::new()
        .merge(page::router())
        .merge(control::router())
        .nest("/control/telegram", telegram::router())
        .nest("/control/whatsapp", whatsapp::router())
        .with_state(desk);
    axum::serve(listener, app).await?;
    Ok(())
}

/// Somebody to talk to, and somebody to talk as.
fn furnish(telegram: &FakeTelegram, whatsapp: &FakeWhatsApp) {
    telegram.add_bot("coach_double_bot", "Coach");
    telegram.add_person("Ana", "en");
    let number = whatsapp.add_number("Coach", "+49 30 5550100");
    whatsapp.add_customer("Ana", "491705550101");
    for (name, body) in [
        ("check_in", "A note from your coach: {{1}}"),
        ("welcome_back", "We have not heard from you for a while."),
    ] {
        let template = Template {
            name: name.to_owned(),
            language: "en".to_owned(),
            category: "UTILITY".to_owned(),
            status: "APPROVED".to_owned(),
            body: body.to_owned(),
        };
        whatsapp.add_template(&number.business_account_id, template);
    }
}

fn greet(
    address: &str,
    telegram: &FakeTelegram,
    whatsapp: &FakeWhatsApp,
    start_with: &[String],
) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "Write as a client at http://{address}\n\nStart Coxswain with\n")?;
    writeln!(
        out,
        "  {} coxswain serve\n\nand paste into the portal's Channels\n",
        start_with.join(" \\\n  ")
    )?;
    for bot in telegram.bots() {
        writeln!(out, "  Telegram   bot token         {}", bot.token)?;
    }
    for number in whatsapp.numbers() {
        writeln!(out, "  WhatsApp   phone number id   {}", number.phone_number_id)?;
        writeln!(out, "             business account  {}", number.business_account_id)?;
        writeln!(out, "             access token      {}", number.access_token)?;
    }
    out.flush()
}
