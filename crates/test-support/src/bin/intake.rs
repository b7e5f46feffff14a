//! Measures how many webhooks a server acknowledges: many at once, each with a message of its own.

use std::{
    io::Write as _,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

/// Measures how many webhooks a server acknowledges in a second, and how quickly.
///
/// Sends WhatsApp webhooks of one text message each, signed, over so many connections at once, as fast as they
/// are answered. Prints one JSON object. Statuses other than 200 are counted and end in exit code 1.
#[derive(Parser)]
#[command(name = "intake")]
struct Options {
    /// Where to.
    #[arg(long, default_value = "http://127.0.0.1:8080/hooks/whatsapp")]
    url: String,
    /// The app secret of the signature.
    #[arg(long, default_value = "only-for-trying")]
    app_secret: String,
    /// A number that is connected there.
    #[arg(long)]
    phone_number_id: String,
    /// Its business account.
    #[arg(long)]
    business_account_id: String,
    /// For so long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// At once.
    #[arg(long, default_value_t = 32)]
    connections: u64,
    /// Customers the messages come from.
    #[arg(long, default_value_t = 200)]
    customers: u64,
    /// Send statuses of unknown messages instead, which cause no work behind the acknowledgement.
    #[arg(long)]
    statuses: bool,
    /// When the first message was written, in Unix seconds.
    #[arg(long, default_value_t = 1_790_000_000)]
    since: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Arc::new(Options::parse());
    let (number, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let http = reqwest::Client::new();
    let began = Instant::now();
    let until = began + Duration::from_secs(options.seconds);
    let senders: Vec<_> = (0..options.connections)
        .map(|_| {
            let (options, number, refused, http) =
                (Arc::clone(&options), Arc::clone(&number), Arc::clone(&refused), http.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < until {
                    let body = body(&options, number.fetch_add(1, Ordering::Relaxed));
                    let request = http
                        .post(&options.url)
                        .header("Content-Type", "application/json")
                        .header("X-Hub-Signature-256", sign(&options.app_secret, body.as_bytes()))
                        .body(body);
                    let sent = Instant::now();
                    if request.send().await.is_ok_and(|answer| answer.status() == 200) {
                        took.push(sent.elapsed());
                    } else {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for sender in senders {
        took.extend(sender.await.unwrap_or_default());
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    let refused = refused.load(Ordering::Relaxed);
    let report = json!({
        "acknowledged": took.len(),
        "refused": refused,
        "per_second": (to_f64(took.len()) / seconds).round(),
        "p50_ms": percentile(&took, 50),
        "p99_ms": percentile(&took, 99),
        "max_ms": percentile(&took, 100),
        "seconds": seconds,
        "connections": options.connections,
    });
    let _ = writeln!(std::io::stdout(), "{report}");
    if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).map_or(0.0, |took| (took.as_secs_f64() * 100_000.0).round() / 100.0)
}

fn body(options: &Options, number: u64) -> String {
    let customer = number % options.customers.max(1);
    let phone = format!("4917{customer:08}");
    let user = format!("DE.{customer:020}");
    let timestamp = (options.since + number / options.customers.max(1)).to_string();
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "49305550100", "phone_number_id": options.phone_number_id },
        "contacts": [{ "profile": { "name": format!("Customer {customer}") }, "wa_id": phone, "user_id": user }],
    });
    let id = format!("wamid.intake{}{number}", options.since);
    if options.statuses {
        value["statuses"] = json!([{ "id": id, "status": "delivered", "timestamp": timestamp,
            "recipient_id": phone, "recipient_user_id": user }]);
    } else {
        value["messages"] = json!([{ "from": phone, "from_user_id": user, "id": id, "timestamp": timestamp,
            "type": "text", "text": { "body": format!("Message {number}") } }]);
    }
    let changes = json!([{ "value": value, "field": "messages" }]);
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": options.business_account_id, "changes": changes }],
    })
    .to_string()
}

fn sign(secret: &str, body: &[u8]) -> String {
    // Any length of key will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
