//! Which of a client's channels an unprompted message would take, and whether it may.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, channel::ChannelKind};
use coxswain_store::{
    Result, Tx, clients,
    connections::{self, ConnectionState},
    identities::{self, Contact},
    portfolios,
    schedule::{Due, Standing},
    templates,
};

use crate::gate::Channel;

/// `WhatsApp` takes free text for so long after the client's latest message.
const WINDOW: TimeDelta = TimeDelta::hours(24);

/// The channel a client is reached on, as it stands, and their conversation there: the one they prefer, else the
/// one they last wrote on, else the one they agreed on. `whatsapp`: whether this installation uses that at all.
pub(crate) async fn choose(
    tx: &mut Tx,
    now: DateTime<Utc>,
    due: &Due,
    standing: &Standing,
    whatsapp: bool,
) -> Result<(Channel, Option<ConversationId>)> {
    let creator = due.creator_id;
    let whatsapp = whatsapp && standing.settings.whatsapp;
    let preferred = clients::preferred(tx, creator, due.client_id).await?;
    let contacts = identities::reach(tx, creator, due.client_id).await?;
    let Some(contact) = pick(&contacts, preferred, whatsapp) else {
        let channel = if standing.conversation.is_some() { Channel::Open } else { Channel::Off };
        return Ok((channel, standing.conversation));
    };
    let used = contact.kind != ChannelKind::Whatsapp || whatsapp;
    let channel = match if used { stands(contact, now) } else { Channel::Off } {
        Channel::WindowClosed => first(tx, now, creator, contact).await?,
        other => other,
    };
    Ok((channel, contact.conversation))
}

/// The contact to use, of those with a conversation; the latest they wrote on comes first. One by `WhatsApp` is
/// used only where that is, unless there is no other.
fn pick(contacts: &[Contact], preferred: Option<ChannelAccountId>, whatsapp: bool) -> Option<&Contact> {
    let talking = contacts.iter().filter(|contact| contact.conversation.is_some());
    let used = talking.clone().filter(|contact| whatsapp || contact.kind != ChannelKind::Whatsapp);
    let chosen = used.clone().find(|contact| Some(contact.account) == preferred);
    // Widgets keep no time of the latest message: they count only where nobody ever wrote on a messenger.
    chosen.or_else(|| used.clone().next()).or_else(|| talking.clone().next())
}

/// How a contact stands at this moment, for free text.
fn stands(contact: &Contact, now: DateTime<Utc>) -> Channel {
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
    } else if !open {
        Channel::WindowClosed
    } else {
        Channel::Open
    }
}

/// Whether a contact may be written to first, in the template chosen for check-ins.
async fn first(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, contact: &Contact) -> Result<Channel> {
    let Some(connection) = connections::get(tx, creator, contact.account).await? else {
        return Ok(Channel::Off);
    };
    let Some((name, language)) = &connection.settings.nudge_template else {
        return Ok(Channel::WindowClosed);
    };
    match templates::get(tx, creator, contact.account, name, language).await? {
        None => return Ok(Channel::WindowClosed),
        Some(template) if !template.state.eq_ignore_ascii_case("approved") => {
            return Ok(Channel::TemplateHeld);
        }
        Some(_) => {}
    }
    let most = connections::standing(tx, creator, contact.account).await?.people_a_day;
    if let (Some(portfolio), Some(most)) = (connection.portfolio(), most)
        && portfolios::people(tx, now, portfolio).await? >= most
        && !portfolios::counts(tx, now, portfolio, &contact.identity.to_string()).await?
    {
        return Ok(Channel::LimitSpent);
    }
    Ok(Channel::Open)
}
