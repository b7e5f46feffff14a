//! `coxswain ask`: one question, answered as a client would be.

use std::{io::Write, process::ExitCode};

use anyhow::bail;
use coxswain_domain::{KnowledgeBaseId, citation::Citation, conversation::MessageStatus};
use coxswain_rag::answer::{Answer, AnswerEngine, Asked};
use coxswain_store::{bases, creators::Creator};

use super::{args::AskArgs, creator, print};
use crate::{config::Config, engine::Engine, serve};

/// Answers the question; fails when it could not be worked on.
pub(crate) async fn ask(config: &Config, wanted: Option<&str>, args: &AskArgs) -> anyhow::Result<ExitCode> {
    let engine = Engine::open(config).await?;
    let creator = creator::find(&engine, wanted).await?;
    let bases = bases(&engine, &creator, &args.kb).await?;
    let answers = AnswerEngine::new(serve::answer_parts(config, &engine, Some(serve::chat_model(config)?)));
    let asked = Asked {
        creator: creator.id,
        bases: &bases,
        question: &args.question,
        vector: None,
        history: &[],
        settings: &creator.settings,
    };
    let mut heard = false;
    let mut hear = |text: &str| {
        if !args.json {
            heard = true;
            // Nobody reads on: the answer is still worth finishing for its exit code.
            let _ = write!(std::io::stdout(), "{text}").and_then(|()| std::io::stdout().flush());
        }
    };
    let answer = answers.answer(asked, &mut hear).await?;
    if args.json {
        print(&format!("{}\n", json(&args.question, &answer)))?;
    } else {
        if !heard {
            print(&answer.end.text)?;
        }
        print(&sources(&answer))?;
    }
    Ok(if answer.end.status == MessageStatus::Done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn bases(engine: &Engine, creator: &Creator, names: &[String]) -> anyhow::Result<Vec<KnowledgeBaseId>> {
    let mut tx = engine.db.read(creator.id).await?;
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        match bases::named(&mut tx, creator.id, name).await? {
            Some(base) => ids.push(base.id),
            None => bail!("{} has no knowledge base {name:?}", creator.name),
        }
    }
    Ok(ids)
}

fn json(question: &str, answer: &Answer) -> serde_json::Value {
    serde_json::json!({
        "question": question,
        "answer": answer.end.text,
        "abstained": answer.end.abstained,
        "confidence": answer.trace.confidence,
        "citations": answer.end.citations.iter().map(citation).collect::<Vec<_>>(),
        "problem": answer.end.problem,
    })
}

fn citation(citation: &Citation) -> serde_json::Value {
    serde_json::json!({
        "document": citation.title,
        "document_id": citation.document_id,
        "version": citation.version_number,
        "page": citation.page,
        "heading": citation.heading,
        "start_ms": citation.start_ms,
        "quote": citation.quote,
        "score": citation.score,
    })
}

fn sources(answer: &Answer) -> String {
    let problem = answer.end.problem.iter().map(|problem| format!("\n{}\n", problem.sentence));
    let sources = answer.end.citations.iter().map(|citation| {
        let place = match (citation.page, citation.start_ms, &citation.heading) {
            (Some(page), ..) => format!(", page {page}"),
            (None, Some(ms), _) => format!(", at {}:{:02}", ms / 60_000, ms / 1000 % 60),
            (None, None, Some(heading)) => format!(", {heading}"),
            _ => String::new(),
        };
        format!("\n[{}] {}{place}\n    “{}”\n", citation.n, citation.title, citation.quote)
    });
    std::iter::once("\n".to_owned()).chain(problem).chain(sources).collect()
}
