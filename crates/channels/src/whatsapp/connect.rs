//! Connecting a number: whether a token reaches it, and having its messages sent to us.

use coxswain_store::connections::Connection;
use serde_json::{Value, json};

use super::{
    advice::told,
    news::people_a_day,
    send::{Whatsapp, credentials, path_segment},
};
use crate::road::messenger::{Code, Refusal};

/// A number as Meta describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its id, the `phone_number_id`.
    pub id: String,
    /// The phone number with its `+`.
    pub display_phone_number: String,
    /// What the business calls itself.
    pub verified_name: String,
}

/// How a number stands with Meta. What Meta does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberStanding {
    /// How people like what it sends: `GREEN`, `YELLOW`, `RED`.
    pub quality: Option<String>,
    /// How many people its portfolio may write to first in 24 hours: `TIER_2K`.
    pub tier: Option<String>,
    /// The same as a number; `None` for `TIER_UNLIMITED`.
    pub people_a_day: Option<i64>,
}

/// How a connection's number stands.
pub async fn standing(whatsapp: &Whatsapp, connection: &Connection) -> Result<NumberStanding, Refusal> {
    /// What the tier is called; newer versions of the API know only the second name, older ones only the first.
    const TIERS: [&str; 2] = ["messaging_limit_tier", "whatsapp_business_manager_messaging_limit"];
    let (token, _) = credentials(connection)?;
    let path = path_segment(&connection.provider_id)?;
    let mut found = Value::Null;
    for tier in TIERS {
        let fields = format!("quality_rating,{tier}");
        match whatsapp.graph.get(path, &[("fields", fields.as_str())], token).await {
            Ok(number) => found = number,
            // A field that this version does not know.
            Err(Refusal { code: Code::Meta(100), .. }) => continue,
            Err(refusal) => return Err(refusal),
        }
        if found[tier].is_string() {
            break;
        }
    }
    let said = |field: &str| Some(text(&found, field)).filter(|text| !text.is_empty());
    let tier = TIERS.into_iter().find_map(said);
    Ok(NumberStanding {
        quality: said("quality_rating").filter(|quality| quality != "UNKNOWN"),
        people_a_day: tier.as_deref().and_then(people_a_day),
        tier,
    })
}

/// Whether a token reaches a number, and whether the number belongs to that business account. Changes nothing.
/// Refusals say what to do.
pub async fn verify(
    whatsapp: &Whatsapp,
    phone_number_id: &str,
    business_account_id: &str,
    access_token: &str,
) -> Result<Number, Refusal> {
    let mut query = vec![("fields", "id,display_phone_number,verified_name")];
    let proof = whatsapp.proof(access_token);
    query.extend(proof.as_deref().map(|proof| ("appsecret_proof", proof)));
    let number =
        whatsapp.graph.get(path_segment(phone_number_id)?, &query, access_token).await.map_err(told)?;
    let path = format!("{}/phone_numbers", path_segment(business_account_id)?);
    let numbers = whatsapp.graph.all(&path, "id", access_token).await.map_err(told)?;
    if !numbers.iter().any(|other| text(other, "id") == phone_number_id) {
        return Err(Refusal {
            code: Code::Meta(33),
            detail: "The number does not belong to this WhatsApp Business Account. Copy both ids from the same page, \
                     WhatsApp, API Setup."
                .into(),
            retry_after: None,
        });
    }
    let digits: String = text(&number, "display_phone_number").chars().filter(char::is_ascii_digit).collect();
    Ok(Number {
        id: phone_number_id.to_owned(),
        display_phone_number: format!("+{digits}"),
        verified_name: text(&number, "verified_name"),
    })
}

/// Has Meta send the business account's webhooks to our app. Doing it twice is no matter.
pub async fn subscribe(whatsapp: &Whatsapp, connection: &Connection) -> Result<(), Refusal> {
    let (token, business_account_id) = credentials(connection)?;
    let path = format!("{}/subscribed_apps", path_segment(business_account_id)?);
    whatsapp.graph.post(&path, token, &json!({})).await.map(|_| ()).map_err(told)
}

fn text(value: &Value, field: &str) -> String {
    match &value[field] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
