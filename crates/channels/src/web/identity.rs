//! Who a host page says its clients are: tokens (RFC 7519) signed with a secret we share, or with a key of its own.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::channel::{IdentityMode, ed25519_public_key};
use coxswain_http::Problem;
use coxswain_store::{channel_accounts::ChannelAccount, widget_secrets::WidgetSecret};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use serde::Deserialize;

/// The furthest ahead a token may end: one that leaked is soon worth nothing.
const LONGEST_AHEAD: TimeDelta = TimeDelta::hours(1);
/// By so much another machine's clock may differ from ours.
const SKEW: TimeDelta = TimeDelta::seconds(30);
const LONGEST_TOKEN: usize = 4_096;
/// In characters.
const LONGEST_SUBJECT: usize = 255;
const LONGEST_NAME: usize = 100;

/// A client that the host page vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The host page's own name for them.
    pub(super) subject: String,
    /// What the team may call them.
    pub(super) name: Option<String>,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("This widget does not take identity tokens.")]
    Off,
    #[error("The identity token is not a JSON Web Token with sub, aud and exp as whole seconds.")]
    Malformed,
    #[error("Sign the identity token with HS256 or EdDSA.")]
    Algorithm,
    #[error("The widget has no key for the identity token's algorithm. Set one under Channels.")]
    NoKey,
    #[error("The identity token's signature does not match the widget's key.")]
    Signature,
    #[error("The identity token's aud is not this widget's key.")]
    Audience,
    #[error("The identity token has expired.")]
    Expired,
    #[error("The identity token ends more than an hour ahead.")]
    TooLong,
    #[error("The identity token is not valid yet.")]
    TooEarly,
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::new(StatusCode::FORBIDDEN, "identity_refused", refused.to_string())
    }
}

/// What an anonymous client hears where the host page has to say who they are.
pub(super) fn required() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "identity_required",
        "This chat is for people who are signed in on the page around it.",
    )
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    name: Option<String>,
}

/// Checks a token for this widget at `now`.
pub(super) fn verify(
    account: &ChannelAccount,
    secret: Option<&WidgetSecret>,
    now: DateTime<Utc>,
    token: &str,
) -> Result<Known, Refused> {
    if account.settings.identity == IdentityMode::Off {
        return Err(Refused::Off);
    }
    if token.len() > LONGEST_TOKEN {
        return Err(Refused::Malformed);
    }
    let algorithm = jsonwebtoken::decode_header(token).map_err(|error| read(error.kind()))?.alg;
    let key = match algorithm {
        Algorithm::HS256 => secret.map(|secret| DecodingKey::from_secret(secret.secret.as_bytes())),
        Algorithm::EdDSA => account
            .settings
            .identity_public_key
            .as_deref()
            .and_then(ed25519_public_key)
            .map(|key| DecodingKey::from_ed_der(&key)),
        _ => return Err(Refused::Algorithm),
    };
    let mut rules = Validation::new(algorithm);
    rules.set_required_spec_claims(&["sub", "exp", "aud"]);
    rules.set_audience(&[&account.public_key]);
    // Times are compared with our own clock, below.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key.ok_or(Refused::NoKey)?, &rules)
        .map_err(|error| read(error.kind()))?
        .claims;
    let moment = |seconds: i64| DateTime::from_timestamp(seconds, 0).ok_or(Refused::Malformed);
    let ends = moment(claims.exp)?;
    if ends + SKEW <= now {
        return Err(Refused::Expired);
    }
    if ends > now + LONGEST_AHEAD + SKEW {
        return Err(Refused::TooLong);
    }
    if claims.nbf.map(moment).transpose()?.is_some_and(|begins| begins > now + SKEW) {
        return Err(Refused::TooEarly);
    }
    known(claims)
}

fn known(claims: Claims) -> Result<Known, Refused> {
    let usable = |text: &str, most: usize| {
        !text.is_empty() && text.chars().count() <= most && !text.contains(char::is_control)
    };
    if !usable(&claims.sub, LONGEST_SUBJECT) {
        return Err(Refused::Malformed);
    }
    let name = claims.name.map(|name| name.trim().to_owned()).filter(|name| usable(name, LONGEST_NAME));
    Ok(Known { subject: claims.sub, name })
}

fn read(kind: &ErrorKind) -> Refused {
    match kind {
        ErrorKind::InvalidSignature => Refused::Signature,
        ErrorKind::InvalidAudience => Refused::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Refused::Algorithm,
        _ => Refused::Malformed,
    }
}
