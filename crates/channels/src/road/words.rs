//! Words with which people stop messages, want them again, or ask for a human: only when they are the whole message.

use super::{asking, phrases::Language};

/// What a whole message of such words means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing unprompted any more.
    Stop,
    /// Unprompted messages again.
    Start,
    /// A human.
    Human,
}

use Language::{Arabic, English, French, German, Hebrew, Portuguese, Spanish};
use Wish::{Human, Start, Stop};

/// Words and phrases in lower case, without punctuation; the language the answer is given in.
static WISHES: &[(Wish, Language, &[&str])] = &[
    (
        Stop,
        English,
        &[
            "stop",
            "stopall",
            "stop all",
            "unsubscribe",
            "optout",
            "opt out",
            "opt-out",
            "cancel",
            "end",
            "quit",
        ],
    ),
    (Stop, German, &["stopp", "abmelden", "abbestellen", "austragen"]),
    (Stop, Spanish, &["baja", "alto", "cancelar suscripción", "darse de baja", "darme de baja"]),
    (Stop, Portuguese, &["parar", "pare", "sair", "descadastrar", "cancelar inscrição"]),
    (Stop, French, &["arrêt", "arret", "arrêter", "arreter", "désabonner", "desabonner", "me désabonner"]),
    (Stop, Arabic, &["إيقاف", "ايقاف", "توقف", "إلغاء الاشتراك", "الغاء الاشتراك"]),
    (Stop, Hebrew, &["עצור", "הסר", "הסרה", "להסיר"]),
    (Start, English, &["start", "unstop", "subscribe", "opt in", "opt-in", "optin"]),
    (Start, German, &["anmelden", "starten"]),
    (Start, Spanish, &["alta", "empezar", "suscribirme"]),
    (Start, Portuguese, &["começar", "comecar", "inscrever", "voltar"]),
    (Start, French, &["commencer", "reprendre", "abonner", "m'abonner"]),
    (Start, Arabic, &["ابدأ", "ابدا", "اشتراك"]),
    (Start, Hebrew, &["התחל", "להתחיל", "הצטרף"]),
    (
        Human,
        English,
        &[
            "human",
            "agent",
            "talk to a human",
            "speak to a human",
            "a human please",
            "human please",
            "talk to a person",
            "real person",
            "i want a human",
            "i want to talk to a human",
        ],
    ),
    (
        Human,
        German,
        &[
            "mensch",
            "einen menschen",
            "ich möchte mit einem menschen sprechen",
            "mit einem menschen sprechen",
        ],
    ),
    (
        Human,
        Spanish,
        &[
            "humano",
            "persona",
            "agente",
            "hablar con una persona",
            "quiero hablar con una persona",
            "hablar con un humano",
        ],
    ),
    (
        Human,
        Portuguese,
        &[
            "pessoa",
            "atendente",
            "falar com uma pessoa",
            "quero falar com uma pessoa",
            "falar com um humano",
            "falar com atendente",
        ],
    ),
    (
        Human,
        French,
        &[
            "humain",
            "conseiller",
            "parler à un humain",
            "parler à une personne",
            "parler a un humain",
            "je veux parler à un humain",
        ],
    ),
    (Human, Arabic, &["إنسان", "انسان", "أريد التحدث مع شخص", "موظف"]),
    (Human, Hebrew, &["אדם", "נציג", "לדבר עם אדם", "נציג אנושי"]),
];

/// What the message asks for, when it consists of nothing else, and the language of its words. Stopping and starting
/// take one of a few words; a person may be asked for in many.
/// "Stop" alone is a wish; "how do I stop snacking?" is a question.
pub(super) fn wish(text: &str) -> Option<(Wish, Language)> {
    let words = bare(text);
    let known = words.and_then(|words| WISHES.iter().find(|(.., phrases)| phrases.contains(&words.as_str())));
    known
        .map(|(wish, language, _)| (*wish, *language))
        .or_else(|| asking::for_a_person(text).map(|language| (Human, language)))
}

/// The code of a message that binds this channel to a client, as prepared in a `wa.me` link: `LINK ABCD1234`,
/// or the code by itself where it says what it is: `link-ABCD1234`.
pub fn link_code(text: &str) -> Option<&str> {
    let words: Vec<_> = text.split_whitespace().take(3).collect();
    let code = match words[..] {
        [word, code] if word.eq_ignore_ascii_case("link") => code,
        [code] if code.starts_with("link-") && code.len() >= 20 => code,
        _ => return None,
    };
    let plausible = (6..=100).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    plausible.then_some(code)
}

/// Lower case, without what surrounds the words. `None` for more than a wish could be.
fn bare(text: &str) -> Option<String> {
    const LONGEST: usize = 120;
    if text.len() > LONGEST {
        return None;
    }
    let words: Vec<_> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    #[test]
    fn a_wish_is_the_whole_message_in_any_of_the_languages() {
        for (text, expected) in [
            ("STOP", (Stop, English)),
            (" Stop! ", (Stop, English)),
            ("UNSUBSCRIBE.", (Stop, English)),
            ("Baja", (Stop, Spanish)),
            ("PARAR", (Stop, Portuguese)),
            ("Arrêt", (Stop, French)),
            ("ARRÊT", (Stop, French)),
            ("STOPP", (Stop, German)),
            ("إيقاف", (Stop, Arabic)),
            ("הסר", (Stop, Hebrew)),
            ("start", (Start, English)),
            ("ALTA", (Start, Spanish)),
            ("I want a human!", (Human, English)),
            ("Quiero hablar con una persona", (Human, Spanish)),
        ] {
            assert_eq!(wish(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_sentence_with_such_a_word_is_a_message() {
        for text in [
            "How do I stop snacking?",
            "stop it hurts",
            "Please don't stop",
            "",
            "…",
            "la baja presión",
            "start running when?",
        ] {
            assert_eq!(wish(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_word_ends_messages_within_a_sentence(
            word in select(WISHES.iter().filter(|(wish, ..)| *wish != Human).flat_map(|(.., words)| words.iter().copied()).collect::<Vec<_>>()),
            before in "(please|how do i|quiero|bitte nicht|ne|[a-z]{3,9})?",
            after in "(now|snacking|it hurts|mit zucker|[a-z]{3,9})?",
        ) {
            let text = format!("{before} {word} {after}");
            let whole = bare(&text).unwrap_or_default();
            let alone = WISHES.iter().any(|(.., words)| words.contains(&whole.as_str()));
            prop_assert_eq!(wish(&text).is_some(), alone, "{}", text);
        }
    }

    #[test]
    fn no_phrase_is_unreachable_or_means_two_things() {
        let mut seen = std::collections::HashMap::new();
        for (meaning, language, phrases) in WISHES {
            for phrase in *phrases {
                assert_eq!(wish(phrase), Some((*meaning, *language)), "{phrase}");
                assert_eq!(seen.insert(*phrase, *meaning), None, "{phrase} stands twice");
            }
        }
    }

    #[test]
    fn a_link_code_stands_alone_after_its_word() {
        assert_eq!(link_code("LINK aB3-_x99"), Some("aB3-_x99"));
        assert_eq!(link_code("  link ABCDEF12 "), Some("ABCDEF12"));
        assert_eq!(link_code("link-aB3_x99aB3-x99aB3"), Some("link-aB3_x99aB3-x99aB3"));
        for text in
            ["link", "link-up", "link a", "link to the page please", "the link ABCDEF12", "LINK ABC DEF"]
        {
            assert_eq!(link_code(text), None, "{text}");
        }
    }
}
