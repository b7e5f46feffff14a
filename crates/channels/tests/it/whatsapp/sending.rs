//! What leaves for the Graph API, and what its answers are taken for.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use axum::{body::Body, response::Response};
use coxswain_channels::{
    road::messenger::{Address, Code, Messenger, Part, Refusal, TemplateUse},
    whatsapp::{Whatsapp, WhatsappSettings, connect, templates},
};
use coxswain_domain::{ChannelAccountId, CreatorId, OutboxId};
use coxswain_store::connections::Connection;
use coxswain_test_support::seed::at;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::{
    NUMBER,
    provider::{Asked, Provider, accepted, json_answer},
    world,
};

const TOKEN: &str = "EAAsecretTokenOfTheTests";

fn connection() -> Connection {
    let now = at("2026-11-20T12:00:00Z");
    world::connection(CreatorId::new(now), ChannelAccountId::new(now), NUMBER, now)
}

fn whatsapp(url: &str) -> Result<Whatsapp> {
    let settings = WhatsappSettings {
        graph_url: format!("{url}/"),
        version: "v26.0".into(),
        app_secret: "secret".into(),
        verify_token: "token".into(),
    };
    ensure!(!format!("{settings:?}").contains("secret"), "secrets are hidden");
    Ok(Whatsapp::new(&settings)?)
}

fn to(user: &str) -> Address {
    Address { user: user.into(), phone: None, last_message_id: Some("wamid.theirs".into()) }
}

fn part(text: &str) -> Part {
    let outbox = OutboxId::new(at("2026-11-20T12:00:00Z"));
    Part { outbox, text: text.into(), buttons: Vec::new(), template: None }
}

fn unwanted(refusal: Refusal) -> anyhow::Error {
    let Refusal { code, detail, .. } = refusal;
    anyhow!("refused with {code:?}: {detail}")
}

async fn refused(answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Result<Refusal> {
    let provider = Provider::new(answer).await?;
    let sent = whatsapp(&provider.url)?.send(&connection(), &to("49151"), &part("Hi")).await;
    sent.err().context("it was refused")
}

#[tokio::test]
async fn a_text_leaves_with_the_token_and_our_id() -> Result<()> {
    let provider = Provider::new(accepted).await?;
    let part = part("*Hi* 👋");
    let sent = whatsapp(&provider.url)?.send(&connection(), &to("49151"), &part).await;
    assert_eq!(sent.map(|sent| sent.message_id), Ok("wamid.sent".to_owned()));
    let asked = provider.asked();
    assert_eq!(asked[0].path, format!("/v26.0/{NUMBER}/messages"));
    assert_eq!(asked[0].bearer, format!("Bearer {TOKEN}"));
    let body = &asked[0].body;
    assert_eq!((&body["to"], &body["text"]["body"]), (&json!("49151"), &json!("*Hi* 👋")));
    assert_eq!(body["biz_opaque_callback_data"], part.outbox.to_string());
    Ok(())
}

#[tokio::test]
async fn a_template_leaves_in_place_of_the_text_once_it_is_sound() -> Result<()> {
    let provider = Provider::new(accepted).await?;
    let whatsapp = whatsapp(&provider.url)?;
    let with = |parameter: &str| Part {
        template: Some(TemplateUse {
            name: "check_in".into(),
            language: "de".into(),
            parameters: vec![parameter.to_owned()],
        }),
        ..part("not sent")
    };
    let refusal =
        whatsapp.send(&connection(), &to("DE.1"), &with("two\nlines")).await.err().context("refused")?;
    assert_eq!(refusal.code, Code::Meta(132_012));
    assert!(provider.asked().is_empty(), "it never left");
    whatsapp
        .send(&connection(), &to("DE.1"), &with(&templates::fit("two\nlines")))
        .await
        .map_err(unwanted)?;
    let body = provider.asked()[0].body.clone();
    assert_eq!(body["recipient"], "DE.1");
    assert_eq!(body["template"]["components"][0]["parameters"][0]["text"], "two lines");
    assert_eq!(body["template"]["language"]["code"], "de");
    assert!(body.get("text").is_none());
    Ok(())
}

#[tokio::test]
async fn refusals_carry_the_code_of_meta_wherever_it_stands() -> Result<()> {
    let error = |code: Value| json!({"error": {"message": "(#131056) short", "code": code, "error_data": {"details": "Too many to one."}}});
    for (status, body) in [
        (400, error(json!(131_056))),
        (200, error(json!("131056"))),
        (
            200,
            json!({"errors": [{"code": 131_056, "title": "t", "error_data": {"details": "Too many to one."}}]}),
        ),
    ] {
        let refusal = refused(move |_| json_answer(status, &body)).await?;
        assert_eq!((refusal.code, refusal.detail.as_str()), (Code::Meta(131_056), "Too many to one."));
    }
    assert_eq!(refused(|_| json_answer(503, &json!("down"))).await?.code, Code::Http(503));
    let slow_down = |_: &Asked| {
        let mut response = json_answer(429, &json!({"error": {"code": 4, "message": "slow"}}));
        response.headers_mut().insert("retry-after", 7.into());
        response
    };
    let refusal = refused(slow_down).await?;
    assert_eq!((refusal.code, refusal.retry_after), (Code::Meta(4), Some(Duration::from_secs(7))));
    Ok(())
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_may_have_been_a_yes() -> Result<()> {
    for body in ["{\"messages\": [{\"id\": \"wam", "", "{}", "{\"messages\": []}", "<html>"] {
        let refusal = refused(move |_| Response::new(Body::from(body))).await?;
        assert_eq!(refusal.code, Code::Ambiguous, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_is_not_one_that_never_was() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let breaks = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut some = [0; 64];
        stream.read_exact(&mut some).await?;
        drop(stream);
        drop(listener);
        anyhow::Ok(())
    });
    let whatsapp = whatsapp(&url)?;
    let broken = whatsapp.send(&connection(), &to("49151"), &part("Hi")).await.err().context("broken")?;
    assert_eq!(broken.code, Code::Ambiguous);
    breaks.await??;
    let closed = whatsapp.send(&connection(), &to("49151"), &part("Hi")).await.err().context("closed")?;
    assert_eq!(closed.code, Code::Unreachable);
    for refusal in [broken, closed] {
        assert!(!format!("{refusal:?}").contains("127.0.0.1"), "an address may hold secrets: {refusal:?}");
    }
    Ok(())
}

#[tokio::test]
async fn invariant_9_a_token_that_meta_repeats_is_not_passed_on() -> Result<()> {
    let refusal = refused(|_| {
        let message = format!("Malformed access token {TOKEN} or EAAothertokenofsomebodyelse");
        json_answer(401, &json!({"error": {"code": 190, "message": message}}))
    })
    .await?;
    assert_eq!(refusal.code, Code::Meta(190));
    assert_eq!(refusal.detail, "Malformed access token (token) or (token)");
    assert!(!format!("{:?}", connection()).contains(TOKEN));
    Ok(())
}

#[tokio::test]
async fn typing_marks_the_latest_message_as_read() -> Result<()> {
    let provider = Provider::new(|_| json_answer(200, &json!({"success": true}))).await?;
    let whatsapp = whatsapp(&provider.url)?;
    whatsapp.typing(&connection(), &Address { last_message_id: None, ..to("49151") }).await;
    assert!(provider.asked().is_empty(), "there is nothing to mark");
    whatsapp.typing(&connection(), &to("49151")).await;
    let expected = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.theirs",
        "typing_indicator": {"type": "text"}});
    assert_eq!(provider.asked()[0].body, expected);
    Ok(())
}

#[tokio::test]
async fn a_file_is_fetched_in_two_steps_within_its_limit() -> Result<()> {
    let provider = Provider::new(|asked: &Asked| {
        let host = asked.path.strip_prefix("/v26.0/").and_then(|path| path.split('?').next());
        match host {
            Some("9001") => json_answer(200, &json!({"url": "/relative", "file_size": 11})),
            Some("9002") => json_answer(200, &json!({"url": "https://elsewhere.example/x", "file_size": 11})),
            Some("9003") => {
                json_answer(200, &json!({"url": "https://lookaside.fbsbx.com/x", "file_size": 5_000}))
            }
            _ => Response::new(Body::from("eleven byte")),
        }
    })
    .await?;
    let whatsapp = whatsapp(&provider.url)?;
    for id in ["9001", "9002"] {
        let refusal = whatsapp.fetch(&connection(), id, 100).await.err().context("refused")?;
        assert_eq!(refusal.code, Code::Meta(131_052), "the token goes to Meta only");
    }
    assert_eq!(whatsapp.fetch(&connection(), "9003", 100).await.map_err(|no| no.code), Err(Code::Http(413)));
    for id in ["../me", "9001?x=", ""] {
        assert_eq!(whatsapp.fetch(&connection(), id, 100).await.map_err(|no| no.code), Err(Code::Meta(100)));
    }

    let files = Provider::new(|_| Response::new(Body::from("eleven byte"))).await?;
    let url = files.url.clone();
    let graph = Provider::new(move |_| json_answer(200, &json!({"url": format!("{url}/file")}))).await?;
    let elsewhere = self::whatsapp(&graph.url)?;
    assert_eq!(
        elsewhere.fetch(&connection(), "1", 100).await.map_err(|no| no.code),
        Err(Code::Meta(131_052))
    );
    assert!(files.asked().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_file_on_the_graphs_own_host_comes_with_the_token() -> Result<()> {
    let provider = Provider::serve(|own| {
        move |asked: &Asked| {
            if asked.path.starts_with("/v26.0/") {
                json_answer(200, &json!({"url": format!("{own}/file"), "mime_type": "image/jpeg"}))
            } else {
                Response::new(Body::from("eleven byte"))
            }
        }
    })
    .await?;
    let whatsapp = whatsapp(&provider.url)?;
    assert_eq!(whatsapp.fetch(&connection(), "9001", 11).await, Ok(b"eleven byte".to_vec()));
    assert!(provider.asked().iter().all(|asked| asked.bearer == format!("Bearer {TOKEN}")));
    assert_eq!(whatsapp.fetch(&connection(), "9001", 10).await.map_err(|no| no.code), Err(Code::Http(413)));
    Ok(())
}

#[tokio::test]
async fn templates_are_fetched_page_by_page() -> Result<()> {
    let provider = Provider::new(|asked: &Asked| {
        let template = |name: &str| {
            json!({"name": name, "language": "en", "status": "APPROVED", "category": "UTILITY",
                "components": [{"type": "BODY", "text": "Hello {{1}}"}]})
        };
        let second = asked.path.contains("after=next-page");
        let paging = if second {
            json!({})
        } else {
            json!({"cursors": {"after": "next-page"}, "next": "https://elsewhere.example/steals-tokens"})
        };
        let data = if second {
            json!([template("c")])
        } else {
            json!([template("a"), "no template", template("b")])
        };
        json_answer(200, &json!({"data": data, "paging": paging}))
    })
    .await?;
    let found = templates::fetch(&whatsapp(&provider.url)?, &connection()).await.map_err(unwanted)?;
    assert_eq!(found.iter().map(|template| template.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!((found[0].parameters, found[0].state.as_str()), (1, "APPROVED"));
    assert!(provider.asked().iter().all(|asked| asked.path.starts_with("/v26.0/8100/message_templates?")));
    Ok(())
}

#[tokio::test]
async fn a_number_is_connected_only_under_its_own_business_account() -> Result<()> {
    let provider = Provider::new(|asked: &Asked| {
        if asked.path.contains("/phone_numbers") {
            return json_answer(200, &json!({"data": [{"id": "1"}, {"id": NUMBER}]}));
        }
        json_answer(
            200,
            &json!({"id": NUMBER, "display_phone_number": "+49 1555 0001", "verified_name": "Mira"}),
        )
    })
    .await?;
    let whatsapp = whatsapp(&provider.url)?;
    let number = connect::verify(&whatsapp, NUMBER, "8100", TOKEN).await.map_err(unwanted)?;
    assert_eq!(
        (number.display_phone_number.as_str(), number.verified_name.as_str()),
        ("+4915550001", "Mira")
    );
    let other = connect::verify(&whatsapp, "700", "8100", TOKEN).await;
    assert_eq!(other.map_err(|no| no.code), Err(Code::Meta(33)));
    connect::subscribe(&whatsapp, &connection()).await.map_err(unwanted)?;
    let last = provider.asked().pop().context("it was asked")?;
    assert_eq!((last.method.as_str(), last.path.as_str()), ("POST", "/v26.0/8100/subscribed_apps"));
    Ok(())
}

#[test]
fn rates_are_kept_by_number_and_by_pair() -> Result<()> {
    let buckets = whatsapp("http://127.0.0.1:9")?.buckets(&connection(), &to("DE.1"));
    let keys: Vec<_> = buckets.iter().map(|bucket| bucket.key.as_str()).collect();
    assert_eq!(
        keys,
        [&format!("wa:number:{NUMBER}")[..], &format!("wa:pair:{NUMBER}:DE.1"), "wa:portfolio:8100"]
    );
    Ok(())
}
