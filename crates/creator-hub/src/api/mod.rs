//! The endpoints, by what they are about.

mod api_keys;
mod audit;
mod auth;
mod bases;
mod conversations;
mod documents;
mod folders;
mod gaps;
mod home;
mod input;
mod me;
mod members;
mod messages;
mod models;
mod settings;
pub(crate) mod views;

use axum::{Json, routing::get};
use utoipa::{
    OpenApi as _,
    openapi::{Content, OpenApi, Ref, RefOr, Response, Schema, schema::SchemaType, security},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::HubState;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Coxswain", version = "1", description = "Everything the portal does, for programs. Ids are UUIDv7; times are RFC 3339 in UTC; lists take `limit` and `cursor`; problems are `application/problem+json`."),
    components(schemas(coxswain_http::Problem, coxswain_http::FieldError)),
    security(("bearer" = []), ("session" = [])),
)]
struct Description;

/// All endpoints with their description.
pub(crate) fn router() -> OpenApiRouter<HubState> {
    let router =
        OpenApiRouter::with_openapi(Description::openapi()).merge(account()).merge(knowledge()).merge(talk());
    let (router, mut description) = router.split_for_parts();
    complete(&mut description);
    let served = description.clone();
    let router = router.route("/api/v1/openapi.json", get(async move || Json(served.clone())));
    let mut whole = OpenApiRouter::with_openapi(description);
    whole = whole.merge(OpenApiRouter::from(router));
    whole
}

fn account() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(me::me))
        .routes(routes!(settings::change))
        .routes(routes!(members::list, members::create))
        .routes(routes!(members::change, members::remove))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(audit::list))
        .routes(routes!(home::home))
        .routes(routes!(gaps::list))
        .routes(routes!(models::models))
}

fn knowledge() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(bases::list, bases::create))
        .routes(routes!(bases::change, bases::remove))
        .routes(routes!(folders::list, folders::create))
        .routes(routes!(folders::change, folders::remove))
        .merge(documents::router())
}

fn talk() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(messages::ask))
        .routes(routes!(messages::why))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::messages))
        .routes(routes!(conversations::events))
        .routes(routes!(conversations::cancel))
}

/// Adds what holds for every endpoint: how to log in, how problems look, and that what we answer
/// has all its fields (a null is sent, not left out).
fn complete(description: &mut OpenApi) {
    let components = description.components.get_or_insert_default();
    let bearer = security::HttpBuilder::new()
        .scheme(security::HttpAuthScheme::Bearer)
        .description(Some("An API key (cxk_…) or an access token."))
        .build();
    let cookie = security::ApiKey::Cookie(security::ApiKeyValue::new("cx_access"));
    components.add_security_scheme("bearer", security::SecurityScheme::Http(bearer));
    components.add_security_scheme("session", security::SecurityScheme::ApiKey(cookie));
    for (name, schema) in &mut components.schemas {
        let asked = ["Request", "Patch", "Form"].iter().any(|end| name.ends_with(end)) || name == "Problem";
        if let RefOr::T(Schema::Object(object)) = schema
            && !asked
            && !matches!(object.schema_type, SchemaType::AnyValue)
        {
            object.required = object.properties.keys().cloned().collect();
        }
    }
    let problem = Content::builder().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = Response::builder()
        .description("A problem: what happened, what is safe, what to do.")
        .content("application/problem+json", problem)
        .build();
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), problem.clone().into());
        }
    }
}
