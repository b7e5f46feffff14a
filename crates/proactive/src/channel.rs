//! Which of a client's channels an unprompted message would take, and whether it may.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, channel::ChannelKind};
use coxswain_store::{
    Result, Tx, clients,
    connections::{self, ConnectionState},
    identities::{self, Contact},
    schedule::{Due, Standing},
    templates,
};

use crate::gate::Channel;

/// `WhatsApp` takes free text for so long after the client's latest message.
const WINDOW: TimeDelta = TimeDelta::hours(24);

/// The channel a client is reached on, as it stands, and their conversation there: the one they prefer, else the
/// one they last wrote on, else the one they agreed on.
pub(crate) async fn choose(
    tx: &mut Tx,
    now: DateTime<Utc>,
    due: &Due,
    standing: &Standing,
) -> Result<(Channel, Option<ConversationId>)> {
    let creator = due.creator_id;
    let preferred = clients::preferred(tx, creator, due.client_id).await?;
    let contacts = identities::reach(tx, creator, due.client_id).await?;
    let Some(contact) = pick(&contacts, preferred) else {
        let channel = if standing.conversation.is_some() { Channel::Open } else { Channel::Off };
        return Ok((channel, standing.conversation));
    };
    let template = has_template(tx, creator, contact).await?;
    Ok((stands(contact, now, template), contact.conversation))
}

/// The contact to use, of those with a conversation; the latest they wrote on comes first.
fn pick(contacts: &[Contact], preferred: Option<ChannelAccountId>) -> Option<&Contact> {
    let mut usable = contacts.iter().filter(|contact| contact.conversation.is_some());
    let chosen = usable.clone().find(|contact| Some(contact.account) == preferred);
    // Widgets keep no time of the latest message: they count only where nobody ever wrote on a messenger.
    chosen.or_else(|| usable.next())
}

/// How a contact stands at this moment.
fn stands(contact: &Contact, now: DateTime<Utc>, template: bool) -> Channel {
    let works = match contact.connection {
        Some(state) => state == ConnectionState::Connected,
        None => !contact.kind.is_messenger(),
    };
    let open = contact.kind != ChannelKind::Whatsapp
        || contact.last_inbound_at.is_some_and(|last| now - last < WINDOW);
    if !contact.enabled || !works {
        Channel::Off
    } else if contact.opted_out_at.is_some() {
        Channel::OptedOut
    } else if contact.unreachable_reason.is_some() {
        Channel::Unreachable
    } else if !open && !template {
        Channel::WindowClosed
    } else {
        Channel::Open
    }
}

/// Whether a template stands ready to carry a check-in outside the window.
async fn has_template(tx: &mut Tx, creator: CreatorId, contact: &Contact) -> Result<bool> {
    if contact.kind != ChannelKind::Whatsapp {
        return Ok(false);
    }
    let connection = connections::get(tx, creator, contact.account).await?;
    let Some((name, language)) = connection.and_then(|connection| connection.settings.nudge_template) else {
        return Ok(false);
    };
    let template = templates::get(tx, creator, contact.account, &name, &language).await?;
    Ok(template.is_some_and(|template| template.state.eq_ignore_ascii_case("approved")))
}
