//! Connecting a number: whether a token reaches it, and having its messages sent to us.

use coxswain_store::connections::Connection;
use serde_json::{Value, json};

use super::send::{Whatsapp, credentials, path_segment};
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

/// Whether a token reaches a number, and whether the number belongs to that business account. Changes nothing.
pub async fn verify(
    whatsapp: &Whatsapp,
    phone_number_id: &str,
    business_account_id: &str,
    access_token: &str,
) -> Result<Number, Refusal> {
    let fields = [("fields", "id,display_phone_number,verified_name")];
    let number = whatsapp.graph.get(path_segment(phone_number_id)?, &fields, access_token).await?;
    let path = format!("{}/phone_numbers", path_segment(business_account_id)?);
    let numbers = whatsapp.graph.all(&path, "id", access_token).await?;
    if !numbers.iter().any(|other| text(other, "id") == phone_number_id) {
        return Err(Refusal {
            code: Code::Meta(33),
            detail: "The number does not belong to this WhatsApp Business Account.".into(),
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
    whatsapp.graph.post(&path, token, &json!({})).await.map(|_| ())
}

fn text(value: &Value, field: &str) -> String {
    match &value[field] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
