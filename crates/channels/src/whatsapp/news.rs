//! News about the account, for people to read: restricted, template rejected, quality lowered.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use super::tolerant::{Maybe, Several, Text};
use crate::road::arrival::{News, StandingNews, TemplateNews};

/// Longest text, in characters.
const AT_MOST: usize = 1_000;

/// A value in words: every text and number in it after its name, as in `event: REJECTED; reason: INVALID_FORMAT`.
pub(super) fn in_words(json: &str) -> String {
    let mut words = Vec::new();
    match serde_json::from_str(json) {
        Ok(value) => collect("", &value, &mut words),
        Err(_) => words.push(json.to_owned()),
    }
    let text = words.join("; ");
    if text.chars().count() <= AT_MOST {
        return text;
    }
    text.chars().take(AT_MOST - 1).chain(['…']).collect()
}

fn collect(name: &str, value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(name, value, words)),
        Value::Array(values) => values.iter().for_each(|value| collect(name, value, words)),
        Value::String(text) => words.push(format!("{name}: {text}")),
        Value::Null => {}
        other => words.push(format!("{name}: {other}")),
    }
}

/// What a value of news may say, whatever its field. All of it may be missing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    event: Text,
    message_template_name: Text,
    message_template_language: Text,
    message_template_category: Text,
    new_category: Text,
    new_quality_score: Text,
    reason: Text,
    rejection_info: Maybe<Rejection>,
    other_info: Maybe<Rejection>,
    display_phone_number: Text,
    current_limit: Text,
    max_daily_conversation_per_phone: Text,
    max_daily_conversations_per_business: Text,
    ban_info: Maybe<Ban>,
    restriction_info: Several<Restriction>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Rejection {
    reason: Text,
    description: Text,
    recommendation: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ban {
    waba_ban_state: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Restriction {
    restriction_type: Text,
    expiration: Text,
}

/// What follows from a value of a field. `None`: nothing but that people may read it.
pub(super) fn meaning(field: &str, json: &str) -> Option<News> {
    let told: Told = serde_json::from_str(json).ok()?;
    match field {
        "message_template_status_update" | "message_template_quality_update" | "template_category_update" => {
            told.template().map(News::Template)
        }
        "phone_number_quality_update" | "business_capability_update" => Some(News::Standing(told.standing())),
        "account_update" => told.account(),
        _ => None,
    }
}

impl Told {
    fn template(&self) -> Option<TemplateNews> {
        let event = self.event.get().map(str::to_ascii_uppercase);
        let rejection = self.rejection_info.as_ref().or(self.other_info.as_ref());
        let why = [
            rejection.and_then(|info| info.reason.get()).or(self.reason.get()),
            rejection.and_then(|info| info.description.get()),
            rejection.and_then(|info| info.recommendation.get()),
        ];
        let why: Vec<_> = why.into_iter().flatten().filter(|why| !why.eq_ignore_ascii_case("none")).collect();
        Some(TemplateNews {
            name: self.message_template_name.owned()?,
            language: self.message_template_language.owned()?,
            // One that is in danger may still be sent.
            state: event.filter(|event| event != "FLAGGED").map(|event| match event.as_str() {
                "REINSTATED" | "UNPAUSED" | "UNARCHIVED" => "APPROVED".to_owned(),
                _ => event,
            }),
            reason: (!why.is_empty()).then(|| why.join(" ")),
            quality: self.new_quality_score.get().map(str::to_ascii_uppercase),
            category: self
                .new_category
                .get()
                .or(self.message_template_category.get())
                .map(str::to_ascii_uppercase),
        })
    }

    fn standing(&self) -> StandingNews {
        let limits = [
            &self.max_daily_conversations_per_business,
            &self.max_daily_conversation_per_phone,
            &self.current_limit,
        ];
        let tier = limits.into_iter().find_map(Text::get).map(|limit| match limit.parse::<i64>() {
            Ok(people) if people < 0 => "TIER_UNLIMITED".to_owned(),
            Ok(people) => format!("TIER_{people}"),
            Err(_) => limit.to_ascii_uppercase(),
        });
        let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect();
        let quality = self.event.get().filter(|event| event.to_ascii_uppercase().ends_with("FLAGGED"));
        StandingNews {
            number: self.display_phone_number.get().map(digits),
            quality: quality.map(str::to_ascii_uppercase),
            tier,
        }
    }

    fn account(&self) -> Option<News> {
        match self.event.get()?.to_ascii_uppercase().as_str() {
            "DISABLED_UPDATE" => match self.ban_info.as_ref()?.waba_ban_state.get()? {
                "REINSTATE" => Some(News::Open),
                "DISABLE" => Some(News::Closed),
                // It is announced, and an appeal is possible.
                _ => None,
            },
            "ACCOUNT_DELETED" | "PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED" => Some(News::Closed),
            "ACCOUNT_RESTRICTION" => self.restricted(),
            _ => None,
        }
    }

    fn restricted(&self) -> Option<News> {
        let of = |what: &str| {
            self.restriction_info
                .iter()
                .find(|info| info.restriction_type.get().is_some_and(|kind| kind.contains(what)))
        };
        if of("CUSTOMER_INITIATED").is_some() {
            return Some(News::Closed);
        }
        let until = of("BIZ_INITIATED")?.expiration.get().and_then(|at| at.parse().ok());
        Some(News::NoNudges(until.and_then(|at| DateTime::from_timestamp(at, 0))))
    }
}

/// How many people a day a tier allows. `None`: as many as one likes, or it is not one of Meta's.
pub(crate) fn people_a_day(tier: &str) -> Option<i64> {
    let tier = tier.to_ascii_uppercase();
    let number = tier.strip_prefix("TIER_").unwrap_or(&tier);
    match number.strip_suffix('K') {
        Some(thousands) => thousands.parse::<i64>().ok().map(|thousands| thousands.saturating_mul(1_000)),
        None => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_numbers_of_people() {
        for (tier, people) in [
            ("TIER_250", Some(250)),
            ("TIER_2K", Some(2_000)),
            ("tier_100k", Some(100_000)),
            ("TIER_UNLIMITED", None),
            ("TIER_NOT_SET", None),
        ] {
            assert_eq!(people_a_day(tier), people, "{tier}");
        }
    }

    #[test]
    fn news_mean_what_their_event_says() {
        let template = |json: &str| match meaning("message_template_status_update", json) {
            Some(News::Template(news)) => (news.state, news.reason),
            other => panic!("{other:?}"),
        };
        let of = |event: &str, more: &str| {
            format!(
                r#"{{"event": "{event}", "message_template_name": "a", "message_template_language": "en"{more}}}"#
            )
        };
        let paused = template(&of(
            "PAUSED",
            r#", "reason": "NONE", "other_info": {"title": "FIRST_PAUSE", "description": "Too many blocks."}"#,
        ));
        assert_eq!(paused, (Some("PAUSED".into()), Some("Too many blocks.".into())));
        assert_eq!(template(&of("FLAGGED", "")), (None, None), "it may still be sent");
        assert_eq!(template(&of("REINSTATED", r#", "reason": "NONE""#)), (Some("APPROVED".into()), None));
        for (field, json, expected) in [
            (
                "account_update",
                r#"{"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}"#,
                Some(News::Closed),
            ),
            (
                "account_update",
                r#"{"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}"#,
                Some(News::Open),
            ),
            (
                "account_update",
                r#"{"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}"#,
                None,
            ),
            (
                "account_update",
                r#"{"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}]}"#,
                None,
            ),
            (
                "account_update",
                r#"{"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1641330498}]}"#,
                Some(News::NoNudges(DateTime::from_timestamp(1_641_330_498, 0))),
            ),
            (
                "account_update",
                r#"{"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"}]}"#,
                Some(News::Closed),
            ),
            (
                "business_capability_update",
                r#"{"max_daily_conversations_per_business": 2000, "max_phone_numbers_per_business": 25}"#,
                Some(News::Standing(StandingNews {
                    tier: Some("TIER_2000".into()),
                    ..StandingNews::default()
                })),
            ),
            (
                "phone_number_quality_update",
                r#"{"display_phone_number": "+1 650-555-1111", "event": "FLAGGED", "current_limit": "TIER_10K"}"#,
                Some(News::Standing(StandingNews {
                    number: Some("16505551111".into()),
                    quality: Some("FLAGGED".into()),
                    tier: Some("TIER_10K".into()),
                })),
            ),
            ("security", r#"{"event": "PIN_CHANGED"}"#, None),
        ] {
            assert_eq!(meaning(field, json), expected, "{json}");
        }
    }

    #[test]
    fn news_name_what_they_are_about() {
        let json = r#"{"event": "REJECTED", "info": {"why": ["a", "b"]}, "id": 7, "none": null}"#;
        assert_eq!(in_words(json), "event: REJECTED; why: a; why: b; id: 7");
        assert_eq!(in_words(&format!("\"{}\"", "x".repeat(5_000))).chars().count(), AT_MOST);
    }
}
