use coxswain_domain::ports::ChatTurn;
use coxswain_test_support::ollama::{FakeOllama, Script, closed_url};

use super::*;

fn request() -> ChatRequest {
    let text = "one two three four five six seven eight nine ten".to_owned();
    ChatRequest {
        turns: vec![ChatTurn { role: ChatRole::User, text }],
        prompt_tokens: 10,
        num_ctx: 4096,
        max_tokens: 100,
        temperature: 0.2,
    }
}

fn model(url: &str) -> OllamaModel {
    let mut settings = OllamaSettings::new(url.parse().unwrap(), "llama3.2");
    settings.first_token = Duration::from_millis(400);
    settings.idle = Duration::from_millis(400);
    OllamaModel::new(settings).unwrap()
}

/// What one scripted chat gives: the text, and how it ended.
async fn ask(script: Script) -> (String, Result<(Option<u32>, u32), ChatError>) {
    let server = FakeOllama::start(&["llama3.2:latest"], vec![script]).await.unwrap();
    let mut text = String::new();
    let mut stream = match model(&server.url()).answer(request()).await {
        Ok(stream) => stream,
        Err(error) => return (text, Err(error)),
    };
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(ChatChunk::Text(more)) => text.push_str(&more),
            Ok(ChatChunk::End { prompt_tokens, completion_tokens }) => {
                return (text, Ok((prompt_tokens, completion_tokens)));
            }
            Err(error) => return (text, Err(error)),
        }
    }
    panic!("the stream ended without a word");
}

#[tokio::test]
async fn an_answer_arrives_whole() {
    let (text, end) = ask(Script::says("Begin with one small promise: é世🚣.").evaluated(26)).await;
    assert_eq!(text, "Begin with one small promise: é世🚣.");
    assert_eq!(end.unwrap(), (Some(26), 6));
}

#[tokio::test]
async fn every_request_sets_the_context_and_forbids_cutting() {
    let server = FakeOllama::start(&[], vec![Script::says("ok")]).await.unwrap();
    let _ = model(&server.url()).answer(request()).await.unwrap().count().await;
    let sent = &server.requests()[0];
    assert_eq!(sent["options"]["num_ctx"], 4096);
    assert_eq!(sent["options"]["num_predict"], 100);
    assert_eq!(sent["stream"], true);
    assert_eq!(sent["truncate"], false);
    assert_eq!(sent["messages"][0]["role"], "user");
}

#[tokio::test]
async fn what_breaks_in_mid_stream_is_told() {
    for script in
        [Script::tokens(9).cut_after(3), Script::tokens(9).end_after(3), Script::tokens(9).malformed_after(3)]
    {
        let (text, end) = ask(script.clone()).await;
        assert_eq!(text, "word0 word1 word2 ", "{script:?}");
        assert!(matches!(end, Err(ChatError::Broken { .. })), "{script:?} {end:?}");
    }
    let (_, end) = ask(Script::tokens(9).error_after(3, "llama runner process has terminated")).await;
    assert!(matches!(&end, Err(ChatError::Refused { detail }) if detail.contains("terminated")), "{end:?}");
}

#[tokio::test]
async fn silence_before_and_between_words_has_an_end() {
    for script in [Script::tokens(2).slow_first(Duration::from_mins(1)), Script::tokens(9).hang_after(1)] {
        let (_, end) = ask(script).await;
        assert!(matches!(end, Err(ChatError::Timeout { .. })), "{end:?}");
    }
}

#[tokio::test]
async fn a_cut_prompt_is_an_error_and_a_cached_one_is_not() {
    let (_, end) = ask(Script::says("ok").evaluated(9)).await;
    assert!(matches!(end, Err(ChatError::ContextCut { evaluated: 9, sent: 10 })), "{end:?}");
    let (_, end) = ask(Script::says("ok").evaluated(1)).await;
    assert_eq!(end.unwrap(), (None, 1));
    let overflow = r#"{"error":{"type":"exceed_context_size_error","n_prompt_tokens":351,"n_ctx":256}}"#;
    let (_, end) = ask(Script::refuses(400, overflow)).await;
    assert!(matches!(end, Err(ChatError::ContextCut { evaluated: 256, sent: 351 })), "{end:?}");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let (_, end) = ask(Script::missing("llama3.2")).await;
    assert!(matches!(&end, Err(ChatError::ModelMissing { model }) if model == "llama3.2"), "{end:?}");
    let nowhere = model(&closed_url().await.unwrap());
    assert!(matches!(nowhere.answer(request()).await, Err(ChatError::Unreachable { .. })));
    assert!(matches!(nowhere.check().await, Err(ChatError::Unreachable { .. })));
}

#[tokio::test]
async fn the_check_knows_installed_models_by_name_and_tag() {
    let server = FakeOllama::start(&["llama3.2:latest"], Vec::new()).await.unwrap();
    model(&server.url()).check().await.unwrap();
    let server = FakeOllama::start(&["llama3.2:1b"], Vec::new()).await.unwrap();
    assert!(matches!(model(&server.url()).check().await, Err(ChatError::ModelMissing { .. })));
}
