//! What the mails say. What a client wrote stays in the portal: mail is read by whoever reads along.

use coxswain_domain::ConversationId;
use coxswain_store::notices::Notice;

/// Characters of a name that are shown.
const NAME: usize = 60;

/// A name on one line, cut short. Clients choose theirs.
pub(super) fn plain(name: &str) -> String {
    let clean = name.chars().map(|char| if char.is_control() { ' ' } else { char });
    clean.take(NAME).collect::<String>().trim().to_owned()
}

pub(super) fn subject(notice: &Notice) -> String {
    format!("{} asks for a person", plain(&notice.client_name))
}

pub(super) fn body(notice: &Notice, conversation: ConversationId, portal: &str) -> String {
    format!(
        "Hello {},\r\n\r\n\
         {} asked for a person on {} UTC and is waiting.\r\n\r\n\
         Open the conversation: {portal}/inbox/{conversation}\r\n\r\n\
         You get this mail as a member of {}.\r\n",
        plain(&notice.member_name),
        plain(&notice.client_name),
        notice.human_wanted_at.format("%Y-%m-%d at %H:%M"),
        plain(&notice.creator_name),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_write_headers() {
        assert_eq!(plain("Ann\r\nBcc: everybody@example.org"), "Ann  Bcc: everybody@example.org");
        assert_eq!(plain(&"x".repeat(1_000)).len(), NAME);
    }
}
