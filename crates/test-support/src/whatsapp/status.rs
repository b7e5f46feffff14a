//! What becomes of an accepted message, and the webhooks that tell of it.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{Shared, answer::title, deliver, state::State};

/// The statuses a message goes through.
pub(super) struct Course {
    stages: Vec<&'static str>,
    failure: Option<(i64, String)>,
    category: &'static str,
}

impl Course {
    /// Accepted, and refused afterwards without ever being sent.
    pub(super) fn fails(code: i64, details: &str) -> Self {
        Self { stages: vec!["failed"], failure: Some((code, details.to_owned())), category: "service" }
    }

    /// Sent, and failed afterwards.
    pub(super) fn fails_late(code: i64) -> Self {
        Self { stages: vec!["sent", "failed"], ..Self::fails(code, "Message failed to be delivered.") }
    }

    /// Sent, and delivered unless the customer has blocked the business.
    pub(super) fn arrives(category: &'static str, delivered: bool) -> Self {
        let stages = if delivered { vec!["sent", "delivered"] } else { vec!["sent"] };
        Self { stages, failure: None, category }
    }
}

/// Reports all stages of a message, in their order.
pub(super) fn follow(
    shared: &Shared,
    state: &mut State,
    number: &str,
    customer: &str,
    wamid: &str,
    course: &Course,
) {
    let read = course.stages.contains(&"delivered") && shared.reading.load(Ordering::Relaxed);
    for stage in course.stages.iter().copied().chain(read.then_some("read")) {
        report(shared, state, (number, customer, wamid), stage, course.category, course.failure.as_ref());
    }
}

/// Reports one stage.
pub(super) fn report(
    shared: &Shared,
    state: &mut State,
    (number, customer, wamid): (&str, &str, &str),
    reached: &str,
    category: &str,
    failure: Option<&(i64, String)>,
) {
    let failure = failure.filter(|_| reached == "failed");
    let Some(message) = state.message(number, customer, wamid) else { return };
    reached.clone_into(&mut message.status);
    message.code = failure.map(|(code, _)| *code);
    let mut status = json!({
        "id": wamid,
        "status": reached,
        "timestamp": shared.clock.now().timestamp().to_string(),
    });
    if let Some(opaque) = &message.opaque {
        status["biz_opaque_callback_data"] = json!(opaque);
    }
    let mut value = state.envelope(number);
    match state.customers.get(customer) {
        Some(known) => {
            status["recipient_user_id"] = json!(known.id);
            if !known.phone_hidden {
                status["recipient_id"] = json!(known.phone);
            }
            value["contacts"] = json!([known.contact()]);
        }
        None => status["recipient_id"] = json!(customer),
    }
    if let Some((code, details)) = failure {
        status["errors"] = json!([{
            "code": code,
            "title": title(*code),
            "message": title(*code),
            "error_data": { "details": details },
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }]);
    } else {
        status["pricing"] =
            json!({ "billable": true, "pricing_model": "PMP", "category": category, "type": "regular" });
    }
    value["statuses"] = json!([status]);
    deliver::queue(shared, state, number, customer, "messages", &value);
}

impl State {
    /// What every change of a number begins with.
    pub(super) fn envelope(&self, number: &str) -> Value {
        let display = self.numbers.get(number).map(|it| it.display.as_str()).unwrap_or_default();
        let digits: String = display.chars().filter(char::is_ascii_digit).collect();
        json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": digits, "phone_number_id": number },
        })
    }
}
