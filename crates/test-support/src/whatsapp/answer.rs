//! Errors as the Graph API words them.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use uuid::Uuid;

use crate::faults::Fault;

/// A call that was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) subcode: Option<i64>,
    pub(super) message: String,
    pub(super) details: Option<String>,
}

/// A refusal by Meta's code, with its usual title.
pub(super) fn refused(code: i64, details: &str) -> Refused {
    Refused {
        status: status(code),
        code,
        subcode: None,
        message: format!("(#{code}) {}", title(code)),
        details: Some(details.to_owned()),
    }
}

/// A parameter that breaks a rule, named as Meta names it.
pub(super) fn parameter(rule: &str) -> Refused {
    Refused { status: 400, code: 100, subcode: None, message: format!("(#100) {rule}"), details: None }
}

/// A value that is not valid.
pub(super) fn invalid(details: &str) -> Refused {
    refused(131_009, details)
}

/// An object that is not there, or not for this token.
pub(super) fn no_object(id: &str) -> Refused {
    Refused {
        status: 400,
        code: 100,
        subcode: Some(33),
        message: format!(
            "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation."
        ),
        details: None,
    }
}

/// A token that is none.
pub(super) fn bad_token() -> Refused {
    Refused {
        status: 401,
        code: 190,
        subcode: None,
        message: "Invalid OAuth access token - Cannot parse access token".to_owned(),
        details: None,
    }
}

/// The HTTP status that comes with a code.
fn status(code: i64) -> u16 {
    match code {
        0 | 190 => 401,
        3 | 10 | 200..=299 | 368 | 131_005 | 131_031 => 403,
        132_001 => 404,
        4 | 80_007 | 613 | 130_429 | 131_048 | 131_056 => 429,
        1 | 131_000 => 500,
        2 | 131_016 | 131_057 => 503,
        _ => 400,
    }
}

/// What Meta calls a code.
pub(super) fn title(code: i64) -> &'static str {
    match code {
        130_429 => "Rate limit hit",
        130_472 => "User's number is part of an experiment",
        131_008 => "Required parameter is missing",
        131_009 => "Parameter value is not valid",
        131_016 => "Service unavailable",
        131_026 => "Message undeliverable",
        131_042 => "Business eligibility payment issue",
        131_047 => "Re-engagement message",
        131_049 => "This message was not delivered to maintain healthy ecosystem engagement.",
        131_050 => "User has stopped marketing messages",
        131_051 => "Unsupported message type",
        131_053 => "Media upload error",
        131_056 => "(Business Account, Consumer Account) pair rate limit hit",
        132_000 => "Number of parameters does not match the expected number of params",
        132_001 => "Template name does not exist in the translation",
        132_015 => "Template is paused",
        132_016 => "Template is disabled",
        _ => "Something went wrong",
    }
}

impl Refused {
    /// Only for faults that refuse.
    pub(super) fn by(fault: &Fault) -> Self {
        match fault {
            Fault::TooMany { .. } => refused(130_429, "Cloud API message throughput has been reached."),
            Fault::Refuse { code, detail } => refused(*code, detail),
            Fault::ServerError { status } => Self { status: *status, ..refused(2, "") },
            Fault::LostAnswer { .. } | Fault::BrokenJson | Fault::Slow { .. } => refused(131_000, ""),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        if self.status == 502 || self.status == 504 {
            // These come from a proxy, which knows no JSON.
            return (status, "<html><body><h1>Bad Gateway</h1></body></html>").into_response();
        }
        let mut error = json!({
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": format!("A{}", &Uuid::new_v4().simple().to_string()[..22]),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(details) = self.details {
            error["error_data"] = json!({ "messaging_product": "whatsapp", "details": details });
        }
        (status, Json(json!({ "error": error }))).into_response()
    }
}
