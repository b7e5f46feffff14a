//! How things stand for a message at the moment of sending.

use std::sync::Arc;

use coxswain_domain::CreatorId;
use coxswain_store::{
    Result,
    connections::{self, Connection},
    identities::{self, Contact},
    outbox::{Delivery, Purpose},
};

use super::{
    super::{
        Road,
        arrive::phone,
        messenger::{Address, Messenger, TemplateUse},
    },
    gate::{self, Facts, Gate},
};
use crate::whatsapp::templates;

/// How things stand.
pub(super) struct Scene<'a> {
    pub(super) road: &'a Road,
    pub(super) messenger: Arc<dyn Messenger>,
    pub(super) connection: Connection,
    pub(super) contact: Contact,
    pub(super) address: Address,
    /// The creator's template for check-ins, where it may be used.
    template: Option<(String, String)>,
}

/// Whether nobody asked for it.
pub(super) const fn is_unprompted(part: &Delivery) -> bool {
    matches!(part.purpose, Purpose::Nudge | Purpose::Campaign)
}

impl<'a> Scene<'a> {
    /// Looks at everything that decides. `None`: the account is not connected, or the client is gone.
    pub(super) async fn look(road: &'a Road, creator: CreatorId, part: &Delivery) -> Result<Option<Self>> {
        let mut tx = road.db.read(creator).await?;
        let connection = connections::get(&mut tx, creator, part.account).await?;
        let contact = identities::of_conversation(&mut tx, creator, part.conversation_id).await?;
        let (Some(connection), Some(contact)) = (connection, contact) else { return Ok(None) };
        let Some(messenger) = road.messenger(connection.kind).map(Arc::clone) else { return Ok(None) };
        let template = match &connection.settings.nudge_template {
            Some((name, language)) => {
                coxswain_store::templates::get(&mut tx, creator, part.account, name, language)
                    .await?
                    .filter(|known| known.state.eq_ignore_ascii_case("approved") && known.parameters == 1)
                    .map(|known| (known.name, known.language))
            }
            None => None,
        };
        let address = Address {
            user: contact.provider_user_id.clone(),
            phone: phone(&contact.aliases),
            last_message_id: contact.last_inbound_id.clone(),
        };
        Ok(Some(Self { road, messenger, connection, contact, address, template }))
    }

    /// Whether a part may leave.
    pub(super) fn gate(&self, part: &Delivery) -> Gate {
        gate::decide(&Facts {
            now: self.road.clock.now(),
            queued_at: part.created_at,
            expires_at: part.expires_at,
            unprompted: is_unprompted(part),
            kind: self.connection.kind,
            state: self.connection.state,
            enabled: self.contact.enabled,
            opted_out: self.contact.opted_out_at.is_some(),
            unreachable: self.contact.unreachable_reason.is_some(),
            last_inbound_at: self.contact.last_inbound_at,
            template: self.template.is_some(),
        })
    }

    /// The template that carries a part outside the window, filled in.
    pub(super) fn template(&self, part: &Delivery) -> Option<TemplateUse> {
        let (name, language) = self.template.clone()?;
        Some(TemplateUse { name, language, parameters: vec![templates::fit(&part.text)] })
    }

    /// Counts what became of a part.
    pub(super) fn count(&self, outcome: &str) {
        let channel = self.connection.kind.name();
        metrics::counter!("coxswain_sent_total", "channel" => channel, "outcome" => outcome.to_owned())
            .increment(1);
    }
}
