//! Changing how a widget looks and where it may appear.

use coxswain_domain::{
    CreatorId, KnowledgeBaseId,
    attachment::AttachmentKind,
    channel::{IdentityMode, WidgetSettings, ed25519_public_key},
};
use coxswain_http::{Problem, Result};
use coxswain_store::{Tx, bases};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::input::{Checks, Given};

/// What is to change of a widget's settings; what is absent stays.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WidgetSettingsPatch {
    /// Origins (`https://example.org`) that may show the widget. Empty: none may.
    allowed_origins: Option<Vec<String>>,
    /// The first thing a client reads.
    greeting: Option<String>,
    /// Up to three questions people really ask.
    questions: Option<Vec<String>>,
    /// `#rrggbb`.
    accent: Option<String>,
    /// `right` or `left`.
    position: Option<String>,
    /// `auto`, `light` or `dark`.
    theme: Option<String>,
    /// `auto` or a BCP 47 tag.
    locale: Option<String>,
    /// The name in the panel's header.
    coach_name: Option<String>,
    /// A picture for the header, by https; null for none.
    #[schema(value_type = Option<String>)]
    picture_url: Given<String>,
    /// Answer from these knowledge bases only. Empty: from all.
    knowledge_base_ids: Option<Vec<KnowledgeBaseId>>,
    /// Whether clients are offered check-ins.
    check_ins_offered: Option<bool>,
    /// Whether clients may send files.
    attachments_offered: Option<bool>,
    /// Which kinds of file they may send: `image`, `pdf`, `text`, `audio`.
    attachment_kinds: Option<Vec<AttachmentKind>>,
    /// Whether the host page says in signed tokens who its clients are.
    identity: Option<IdentityMode>,
    /// The Ed25519 public key that its tokens are checked with: PEM, or base64 of its 32 bytes; null for none.
    #[schema(value_type = Option<String>)]
    identity_public_key: Given<String>,
}

impl WidgetSettingsPatch {
    /// The settings with these changes, checked.
    pub(super) fn onto(self, checks: &mut Checks, old: WidgetSettings) -> WidgetSettings {
        let new = WidgetSettings {
            allowed_origins: match self.allowed_origins {
                Some(origins) => canonical(checks, &origins),
                None => old.allowed_origins,
            },
            greeting: self.greeting.unwrap_or(old.greeting),
            questions: self.questions.unwrap_or(old.questions),
            accent: self.accent.unwrap_or(old.accent),
            position: self.position.unwrap_or(old.position),
            theme: self.theme.unwrap_or(old.theme),
            locale: self.locale.unwrap_or(old.locale),
            coach_name: self.coach_name.unwrap_or(old.coach_name),
            picture_url: self.picture_url.or(old.picture_url),
            knowledge_base_ids: self.knowledge_base_ids.unwrap_or(old.knowledge_base_ids),
            check_ins_offered: self.check_ins_offered.unwrap_or(old.check_ins_offered),
            attachments_offered: self.attachments_offered.unwrap_or(old.attachments_offered),
            attachment_kinds: self.attachment_kinds.map_or(old.attachment_kinds, in_order),
            identity: self.identity.unwrap_or(old.identity),
            identity_public_key: self.identity_public_key.or(old.identity_public_key),
        };
        check(checks, &new);
        new
    }
}

fn check(checks: &mut Checks, new: &WidgetSettings) {
    let fits = |text: &str, most: usize| text.chars().count() <= most;
    checks.that(fits(&new.greeting, 500), "/settings/greeting", "Use at most 500 characters.");
    checks.that(fits(&new.coach_name, 100), "/settings/coach_name", "Use at most 100 characters.");
    checks.that(new.questions.len() <= 3, "/settings/questions", "Use at most three questions.");
    for (index, question) in new.questions.iter().enumerate() {
        checks.text(&format!("/settings/questions/{index}"), question, 150);
    }
    let accent = new.accent.strip_prefix('#').unwrap_or_default();
    let colour = accent.len() == 6 && accent.bytes().all(|byte| byte.is_ascii_hexdigit());
    checks.that(colour, "/settings/accent", "Use a colour as in #1f5f8b.");
    let position = ["right", "left"].contains(&&*new.position);
    checks.that(position, "/settings/position", "Use right or left.");
    let theme = ["auto", "light", "dark"].contains(&&*new.theme);
    checks.that(theme, "/settings/theme", "Use auto, light or dark.");
    let locale = (2..=35).contains(&new.locale.len())
        && new.locale.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    checks.that(locale, "/settings/locale", "Use auto, or a language tag as in de or pt-BR.");
    let picture = new.picture_url.as_deref().is_none_or(|url| {
        url.len() <= 2000 && Url::parse(url).is_ok_and(|url| url.scheme() == "https" && url.has_host())
    });
    checks.that(picture, "/settings/picture_url", "Use an address that begins with https://, or null.");
    let sendable = new.attachment_kinds.iter().all(|kind| AttachmentKind::SENDABLE.contains(kind));
    checks.that(sendable, "/settings/attachment_kinds", "Use image, pdf, text or audio.");
    let some = !new.attachments_offered || !new.attachment_kinds.is_empty();
    checks.that(some, "/settings/attachment_kinds", "Choose at least one kind, or take no files.");
    let key = new.identity_public_key.as_deref();
    let usable = key.is_none_or(|key| key.len() <= 500 && ed25519_public_key(key).is_some());
    checks.that(
        usable,
        "/settings/identity_public_key",
        "Use an Ed25519 public key, as PEM or as base64, or null.",
    );
}

/// Each kind once, always in the same order.
fn in_order(kinds: Vec<AttachmentKind>) -> Vec<AttachmentKind> {
    let mut all: Vec<_> = AttachmentKind::SENDABLE.into_iter().filter(|kind| kinds.contains(kind)).collect();
    all.extend(kinds.into_iter().filter(|kind| !AttachmentKind::SENDABLE.contains(kind)));
    all
}

/// The origins as browsers write them.
fn canonical(checks: &mut Checks, origins: &[String]) -> Vec<String> {
    checks.that(origins.len() <= 20, "/settings/allowed_origins", "Use at most twenty origins.");
    let mut all = Vec::with_capacity(origins.len());
    for (index, text) in origins.iter().enumerate() {
        let origin = Url::parse(text.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .map(|url| url.origin().ascii_serialization())
            // They end up in a Content-Security-Policy, where other characters could add directives.
            .filter(|text| {
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/.-[]_".contains(&byte))
            });
        let pointer = format!("/settings/allowed_origins/{index}");
        checks.that(origin.is_some(), &pointer, "Use an origin as in https://example.org.");
        all.extend(origin.filter(|origin| !all.contains(origin)));
    }
    all
}

/// Refuses knowledge bases that are not this creator's.
pub(super) async fn check_bases(tx: &mut Tx, creator: CreatorId, settings: &WidgetSettings) -> Result<()> {
    for (index, base) in settings.knowledge_base_ids.iter().enumerate() {
        if bases::get(tx, creator, *base).await?.is_none() {
            let pointer = format!("/settings/knowledge_base_ids/{index}");
            return Err(Problem::invalid(&pointer, "There is no such knowledge base."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(json: &str) -> Result<WidgetSettings> {
        let mut checks = Checks::default();
        let patch: WidgetSettingsPatch = serde_json::from_str(json).unwrap();
        let settings = patch.onto(&mut checks, WidgetSettings::default());
        checks.done().map(|()| settings)
    }

    #[test]
    fn origins_are_kept_as_browsers_write_them() {
        let settings =
            patch(r#"{"allowed_origins":["https://Coach.example/about","https://coach.example:443"]}"#)
                .unwrap();
        assert_eq!(settings.allowed_origins, ["https://coach.example"]);
        assert!(patch(r#"{"allowed_origins":["*"]}"#).is_err());
        assert!(patch(r#"{"allowed_origins":["javascript:alert(1)"]}"#).is_err());
    }

    #[test]
    fn what_is_absent_stays_and_null_clears() {
        let old =
            WidgetSettings { picture_url: Some("https://a.test/b.png".into()), ..WidgetSettings::default() };
        let change = |json: &str| {
            let patch: WidgetSettingsPatch = serde_json::from_str(json).unwrap();
            patch.onto(&mut Checks::default(), old.clone())
        };
        assert_eq!(change("{}"), old);
        assert_eq!(change(r#"{"picture_url":null}"#).picture_url, None);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let problem = patch(r#"{"accent":"red","theme":"neon","questions":["","b","c","d"]}"#).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/settings/questions", "/settings/questions/0", "/settings/accent", "/settings/theme"]
        );
    }
}
