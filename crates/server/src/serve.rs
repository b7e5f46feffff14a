//! The server: everything built, joined and run until it is told to stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use axum::{Json, Router, routing::get, serve::ListenerExt};
use coxswain_channels::{
    telegram::{self, Poller},
    web::{self, Quotas, WidgetState},
    whatsapp,
};
use coxswain_creator_hub::{
    self as hub, HealthSource, HubLimits, HubParts, HubState, PageError, PageRenderer, Sockets,
    auth::TokenKeys, erase::EraseFiles, fetch::Fetcher, webhooks::Spreader,
};
use coxswain_domain::ports::ChatModel;
use coxswain_http::with_layers;
use coxswain_proactive::Engine as Proactive;
use coxswain_rag::{
    answer::{AnswerEngine, AnswerParts, AnswerSettings, PromptLimits},
    ingest::Forget,
    ollama::{FirstModel, OllamaModel, OllamaSettings},
    parse::{ParseError, Parser},
};
use coxswain_store::{
    files::Files,
    node::Node,
    work::{Handler, Work},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;

use crate::{
    config::Config,
    engine::Engine,
    health::Health,
    integrators,
    leftovers::Leftovers,
    messengers::{self, Adapters, Providers},
    ops::{self, OpsState},
    suggest::Suggester,
};

/// A server that is built and not yet listening.
pub struct App {
    /// Every route.
    pub router: Router,
    work: Work,
    proactive: Proactive,
    poller: Poller,
    spreader: Spreader,
    engine: Engine,
    media: Files,
    sockets: Sockets,
    grace: Duration,
}

/// Builds the server over an engine.
pub async fn build(config: &Config, engine: Engine, metrics: PrometheusHandle) -> anyhow::Result<App> {
    let model = chat_model(config)?;
    let answers = Arc::new(AnswerEngine::new(answer_parts(config, &engine, Some(Arc::clone(&model)))));
    let adapters = Adapters::new(config)?;
    let media =
        Files::open(config.media_dir()).await.context("the folder of clients' files cannot be used")?;
    let road = messengers::road(config, &engine, media.clone(), &adapters);
    let forget =
        Forget { db: engine.db.clone(), clock: Arc::clone(&engine.clock), index: Arc::clone(&engine.index) };
    let fetch = Fetcher::new(
        engine.db.clone(),
        Arc::clone(&engine.clock),
        engine.files.clone(),
        engine.progress.clone(),
        config.ingest.upload_mib << 20,
    );
    let mut handlers: Vec<Arc<dyn Handler>> = vec![
        Arc::<AnswerEngine>::clone(&answers),
        Arc::new(engine.ingest()),
        Arc::new(forget),
        Arc::new(fetch),
        Arc::new(EraseFiles {
            db: engine.db.clone(),
            clock: Arc::clone(&engine.clock),
            media: media.clone(),
        }),
        Arc::new(engine.publish()),
        Arc::new(engine.reindex()),
    ];
    handlers.extend(road.handlers());
    let mailer = integrators::mailer(config, &engine)?;
    let mails = mailer.is_some();
    handlers.extend(integrators::handlers(config, &engine, mailer.as_ref())?);
    let file = config.data_dir.join("node");
    let node = Node::kept_in(&file).with_context(|| format!("{} cannot be used", file.display()))?;
    let work = Work::on(node, engine.db.clone(), Arc::clone(&engine.clock), handlers);
    let (db, clock) = (engine.db.clone(), Arc::clone(&engine.clock));
    let poller = Poller::new(adapters.telegram.clone(), db, clock, work.clone());
    let health: Arc<dyn HealthSource> =
        Arc::new(Health::new(config, engine.clone(), Some(model)).with_mail(mailer));
    let providers = providers(config, &engine, &adapters, &poller)?;
    let hub = hub_state(config, &engine, &work, &media, Arc::clone(&health))?
        .with_messengers(Arc::new(providers))
        .with_suggestions(Arc::new(Suggester(answers)))
        .with_private_webhooks(config.webhooks.allow_private)
        .with_mail(mails);
    let sockets = hub.sockets();
    let widget = widget_state(config, &engine, &work, &media)?;
    let ops = OpsState {
        db: engine.db.clone(),
        clock: Arc::clone(&engine.clock),
        live: engine.live.clone(),
        health,
        metrics,
    };
    let (api, openapi) = hub::router(hub).merge(web::router(widget)).split_for_parts();
    let router = api
        .merge(ops::router(ops))
        .merge(hooks(&engine, &work, &adapters))
        .route("/api/v1/openapi.json", get(async || Json(openapi)))
        .merge(hub::portal());
    let proactive = Proactive::new(engine.db.clone(), Arc::clone(&engine.clock), engine.live.clone())
        .with_whatsapp(config.whatsapp.enabled);
    let spreader = integrators::spreader(&engine, &work, mails);
    let grace = Duration::from_secs(config.server.grace_seconds);
    Ok(App { router: with_layers(router), work, spreader, proactive, poller, engine, media, sockets, grace })
}

impl App {
    /// Serves until `stop`, then lets running work end.
    pub async fn run(self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        let leftovers = Leftovers {
            db: self.engine.db.clone(),
            clock: Arc::clone(&self.engine.clock),
            files: self.engine.files.clone(),
            media: self.media.clone(),
        };
        let leftovers = tokio::spawn(leftovers.tend(stop.clone()));
        self.engine
            .reindex()
            .enqueue_outdated()
            .await
            .context("indexes of another model cannot be listed")?;
        self.work.start();
        let nudges = tokio::spawn({
            let stop = stop.clone();
            async move { self.proactive.run(stop).await }
        });
        let polling = tokio::spawn({
            let stop = stop.clone();
            async move { self.poller.run(stop).await }
        });
        let spreading = tokio::spawn({
            let stop = stop.clone();
            async move { self.spreader.run(stop).await }
        });
        // Small packets of a stream must not wait for the reader's acknowledgement of the one before.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps Nagle's algorithm");
            }
        });
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
        let mut stopped = std::pin::pin!(async {
            stop.cancelled().await;
            self.work.shut_down(self.grace).await;
            // A peer that does not say goodbye is left after some seconds.
            self.sockets.close().await;
        });
        // Open streams would hold a graceful shutdown up for ever: when the work is done, they are cut,
        // and their readers come back with their place. Without any, the work may still end.
        tokio::select! {
            served = serving => {
                served.context("the server failed")?;
                stopped.await;
            }
            () = &mut stopped => {}
        }
        let _ = nudges.await;
        let _ = polling.await;
        let _ = spreading.await;
        // What it has not looked at yet, the next start will.
        leftovers.abort();
        self.engine.db.close().await;
        Ok(())
    }
}

/// The description of the whole HTTP API.
pub fn openapi() -> OpenApi {
    let mut openapi = hub::openapi();
    openapi.merge(web::openapi());
    openapi
}

/// What the answer engine works with.
pub fn answer_parts(config: &Config, engine: &Engine, model: Option<Arc<dyn ChatModel>>) -> AnswerParts {
    let limits = PromptLimits {
        num_ctx: config.ollama.num_ctx,
        max_tokens: config.ollama.max_tokens,
        temperature: config.ollama.temperature,
    };
    AnswerParts {
        db: engine.db.clone(),
        clock: Arc::clone(&engine.clock),
        live: engine.live.clone(),
        retriever: engine.retriever.clone(),
        embedder: Arc::clone(&engine.embedder),
        model,
        settings: AnswerSettings {
            limits,
            at_once: config.ollama.concurrency,
            min_confidence: config.answer.min_confidence,
            ..AnswerSettings::default()
        },
    }
}

/// The chat model the configuration names. Nothing is connected to yet.
pub fn chat_model(config: &Config) -> anyhow::Result<Arc<dyn ChatModel>> {
    let settings = OllamaSettings {
        first_token: Duration::from_secs(config.ollama.first_token_seconds),
        idle: Duration::from_secs(config.ollama.idle_seconds),
        ..OllamaSettings::new(config.ollama.url.parse().context("ollama.url")?, config.ollama.model.clone())
    };
    if config.ollama.model.is_empty() {
        return Ok(Arc::new(FirstModel::new(settings)));
    }
    Ok(Arc::new(OllamaModel::new(settings)?))
}

fn hub_state(
    config: &Config,
    engine: &Engine,
    work: &Work,
    media: &Files,
    health: Arc<dyn HealthSource>,
) -> anyhow::Result<HubState> {
    let key = config.data_dir.join("session.key");
    let state = HubState::new(HubParts {
        db: engine.db.clone(),
        clock: Arc::clone(&engine.clock),
        keys: TokenKeys::load_or_create(&key).with_context(|| format!("{} cannot be used", key.display()))?,
        files: engine.files.clone(),
        media: media.clone(),
        live: engine.live.clone(),
        progress: engine.progress.clone(),
        work: work.clone(),
        health,
        pages: Arc::new(Pages(engine.parser.clone())),
        limits: HubLimits { upload_bytes: config.ingest.upload_mib << 20, ..HubLimits::default() },
    });
    let public = &config.server.public_url;
    Ok(state.reached_at((!public.is_empty()).then_some(public.as_str())))
}

/// Where providers bring what happened.
fn hooks(engine: &Engine, work: &Work, adapters: &Adapters) -> Router {
    let (db, clock) = (engine.db.clone(), Arc::clone(&engine.clock));
    let bots = telegram::HookState::new(db.clone(), Arc::clone(&clock), work.clone());
    let settings = adapters.whatsapp_settings.clone();
    let numbers = whatsapp::webhook::WebhookState::new(db, clock, work.clone(), settings);
    telegram::router(bots).merge(whatsapp::webhook::router(numbers))
}

fn providers(
    config: &Config,
    engine: &Engine,
    adapters: &Adapters,
    poller: &Poller,
) -> anyhow::Result<Providers> {
    let public = &config.server.public_url;
    let public_url = (!public.is_empty()).then(|| public.parse()).transpose();
    Ok(Providers {
        adapters: adapters.clone(),
        poller: poller.clone(),
        clock: Arc::clone(&engine.clock),
        whatsapp: config.whatsapp.enabled,
        public_url: public_url.context("server.public_url")?,
    })
}

fn widget_state(config: &Config, engine: &Engine, work: &Work, media: &Files) -> anyhow::Result<WidgetState> {
    let public = (!config.server.public_url.is_empty()).then(|| config.server.public_url.parse()).transpose();
    Ok(WidgetState::new(
        engine.db.clone(),
        Arc::clone(&engine.clock),
        engine.live.clone(),
        work.clone(),
        media.clone(),
        public.context("server.public_url")?.as_ref(),
        &Quotas::default(),
    ))
}

/// Draws pages with the parser's child process.
struct Pages(Parser);

#[async_trait]
impl PageRenderer for Pages {
    async fn png(&self, file: &std::path::Path, page: u32, width: u32) -> Result<Vec<u8>, PageError> {
        self.0.render_page(file, page, width).await.map_err(|error| match error {
            ParseError::Rejected { .. } => PageError::NoSuchPage,
            ParseError::Unavailable(why) => PageError::Failed(why),
        })
    }
}
