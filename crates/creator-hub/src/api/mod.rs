//! The endpoints, by what they are about.

mod api_keys;
mod attachments;
mod audit;
mod auth;
mod bases;
mod canned_replies;
mod channel_accounts;
mod channels;
mod check_ins;
mod client_detail;
mod client_erasure;
mod client_events;
mod client_links;
mod clients;
mod conversations;
mod decisions;
mod documents;
mod feedback;
mod folders;
mod gaps;
mod home;
mod inbox;
mod input;
pub(crate) mod live;
mod me;
mod members;
mod messages;
mod models;
mod notices;
mod settings;
pub(crate) mod views;
mod webhooks;
mod widget_secret;
mod widget_settings;

use std::collections::BTreeMap;

use utoipa::{
    OpenApi as _,
    openapi::{
        Content, OpenApi, Ref, RefOr, Response, Schema,
        schema::{self, ArrayItems, SchemaType},
        security,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::HubState;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Coxswain", version = "1", description = "Everything the portal does, for programs. Ids are UUIDv7; times are RFC 3339 in UTC; lists take `limit` and `cursor`; problems are `application/problem+json`."),
    components(schemas(coxswain_http::Problem, coxswain_http::FieldError, inbox::InboxState, webhooks::WebhookEvent, live::LiveRequest, live::LiveNote, live::LiveEvent,
        live::LiveProblem)),
    security(("bearer" = []), ("session" = [])),
)]
struct Description;

/// All endpoints with their description.
pub(crate) fn router() -> OpenApiRouter<HubState> {
    let router = OpenApiRouter::with_openapi(Description::openapi())
        .merge(account())
        .merge(knowledge())
        .merge(talk())
        .merge(reach())
        .merge(people())
        .merge(integrators());
    let (router, mut description) = router.split_for_parts();
    complete(&mut description);
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
        .routes(routes!(live::open))
}

fn reach() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(channel_accounts::list, channel_accounts::create))
        .routes(routes!(channel_accounts::get, channel_accounts::change, channel_accounts::remove))
        .routes(routes!(widget_secret::make, widget_secret::remove))
        .merge(channels::router())
        .routes(routes!(check_ins::list, check_ins::create))
        .routes(routes!(check_ins::get, check_ins::change, check_ins::remove))
        .routes(routes!(decisions::list))
}

fn people() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .merge(inbox::router())
        .routes(routes!(attachments::fetch))
        .routes(routes!(canned_replies::list, canned_replies::create))
        .routes(routes!(canned_replies::change, canned_replies::remove))
        .routes(routes!(clients::list))
        .routes(routes!(client_detail::get, client_erasure::erase))
        .routes(routes!(client_links::create))
        .routes(routes!(client_links::unlink))
        .routes(routes!(client_links::prefer))
        .routes(routes!(feedback::list))
}

fn integrators() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .merge(webhooks::router())
        .routes(routes!(client_events::list, client_events::tell))
        .routes(routes!(notices::get, notices::change))
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
        if asked {
            continue;
        }
        match schema {
            RefOr::T(Schema::Object(object)) => require_all(object),
            // A struct that holds another's fields beside its own.
            RefOr::T(Schema::AllOf(whole)) => {
                for part in &mut whole.items {
                    if let RefOr::T(Schema::Object(object)) = part {
                        require_all(object);
                    }
                }
            }
            _ => {}
        }
    }
    refer_to_items(&mut components.schemas);
    let problem = Content::builder().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = Response::builder()
        .description("A problem: what happened, what is safe, what to do.")
        .content("application/problem+json", problem)
        .build();
    for (path, item) in &mut description.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            operation.operation_id = Some(operation_id(method, path));
            operation.responses.responses.insert("default".to_owned(), problem.clone().into());
        }
    }
}

fn require_all(object: &mut schema::Object) {
    if !matches!(object.schema_type, SchemaType::AnyValue) {
        object.required = object.properties.keys().cloned().collect();
    }
}

/// A name for an operation that no other has, which the functions' own names are not: generators of
/// clients go by it. `get /api/v1/folders/{id}` is `get_folders_id`.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.trim_start_matches("/api/v1");
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |id, word| id + "_" + word)
}

/// Lets a page name the schema of its items instead of repeating it.
fn refer_to_items(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    for (name, schema) in schemas {
        if let Some(item) = name.strip_prefix("PageOf_")
            && let RefOr::T(Schema::Object(page)) = schema
            && let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items")
        {
            items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(item).into()));
        }
    }
}
