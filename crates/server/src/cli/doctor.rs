//! `coxswain doctor`: each part, how it is, and what to do.

use std::process::ExitCode;

use coxswain_creator_hub::{Component, HealthSource, Status};

use super::{args::DoctorArgs, print};
use crate::{config::Config, engine::Engine, health::Health, integrators, serve};

/// Looks at each part; fails when one is down.
pub(crate) async fn doctor(config: &Config, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let components = match Engine::open(config).await {
        Ok(engine) => {
            let mailer = integrators::mailer(config, &engine)?;
            let health = Health::new(config, engine, Some(serve::chat_model(config)?)).with_mail(mailer);
            health.components().await
        }
        // What keeps the rest from being looked at is the finding.
        Err(error) => vec![Component {
            name: "start".into(),
            status: Status::Down,
            detail: format!("{error:#}"),
            action: Some("Mend this first; then run doctor again.".into()),
        }],
    };
    if args.json {
        print(&format!("{}\n", serde_json::to_string(&components)?))?;
    } else {
        components.iter().try_for_each(|component| print(&line(component)))?;
    }
    let down = components.iter().any(|component| component.status == Status::Down);
    Ok(if down { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn line(component: &Component) -> String {
    let mark = match component.status {
        Status::Ok => "ok      ",
        Status::Degraded => "degraded",
        Status::Down => "down    ",
    };
    let action = component
        .action
        .as_ref()
        .map_or_else(String::new, |action| format!("\n                       → {action}"));
    format!("{mark}  {:12} {}{action}\n", component.name, component.detail)
}
