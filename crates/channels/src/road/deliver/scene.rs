//! How things stand for a message at the moment of sending.

use std::sync::Arc;

use coxswain_domain::{CreatorId, conversation::Author};
use coxswain_store::{
    Result, clients,
    connections::{self, Connection},
    conversations,
    identities::{self, Contact},
    outbox::{Delivery, Purpose, Rank},
    templates::Template,
};

use super::{
    super::{
        Road,
        arrive::phone,
        messenger::{Address, Messenger, TemplateUse},
        phrases::Language,
        sources::Sources,
    },
    gate::{self, Facts, Gate, Standby},
};
use crate::whatsapp::templates;

/// How things stand.
pub(super) struct Scene<'a> {
    pub(super) road: &'a Road,
    pub(super) messenger: Arc<dyn Messenger>,
    pub(super) connection: Connection,
    pub(super) contact: Contact,
    pub(super) address: Address,
    /// The creator's template for check-ins.
    template: Option<Template>,
    /// Whether nobody is answered by this kind of channel.
    switched_off: bool,
}

/// Whether nobody asked for it.
pub(super) const fn is_unprompted(part: &Delivery) -> bool {
    !matches!(part.purpose.rank(), Rank::Replies)
}

fn is_approved(template: &Template) -> bool {
    template.state.eq_ignore_ascii_case("approved")
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
                    .filter(|known| known.parameters == 1)
            }
            None => None,
        };
        let switched_off = road.is_switched_off(&mut tx, creator, connection.kind).await?;
        let address = Address {
            user: contact.provider_user_id.clone(),
            phone: phone(&contact.aliases),
            last_message_id: contact.last_inbound_id.clone(),
        };
        Ok(Some(Self { road, messenger, connection, contact, address, template, switched_off }))
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
            switched_off: self.switched_off,
            by_hand: matches!(part.purpose, Purpose::Coach | Purpose::Notice),
            template: match &self.template {
                None => Standby::None,
                Some(template) if is_approved(template) => Standby::Ready,
                Some(template) => Standby::Held(&template.state, template.reason.as_deref()),
            },
        })
    }

    /// What an answer of the engine stands on, in the language its client is spoken to in. `None`: nothing is cited.
    pub(super) async fn sources(&self, whole: &Delivery) -> Result<Option<Sources>> {
        let creator = self.connection.creator_id;
        let mut tx = self.road.db.read(creator).await?;
        let message = conversations::message(&mut tx, creator, whole.message_id).await?;
        let cites = message.filter(|(_, it)| it.author == Author::Engine && !it.citations.is_empty());
        let Some((_, message)) = cites else { return Ok(None) };
        let client = clients::get(&mut tx, creator, self.contact.client).await?;
        let locale = client.and_then(|client| client.locale);
        let language = locale.map_or_else(|| Language::of_text(&message.text), |tag| Language::of_tag(&tag));
        Ok(Sources::of(&message.citations, language))
    }

    /// The template that carries a part outside the window, filled in.
    pub(super) fn template(&self, part: &Delivery) -> Option<TemplateUse> {
        let Template { name, language, .. } = self.template.clone().filter(is_approved)?;
        Some(TemplateUse { name, language, parameters: vec![templates::fit(&part.text)] })
    }

    /// Counts what became of a part.
    pub(super) fn count(&self, outcome: &str) {
        let channel = self.connection.kind.name();
        metrics::counter!("coxswain_sent_total", "channel" => channel, "outcome" => outcome.to_owned())
            .increment(1);
    }
}
