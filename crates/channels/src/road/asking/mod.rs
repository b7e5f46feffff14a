//! Whether a short message asks for a person: "Could I talk to a human, please?"
//!
//! The whole message has to be made of phrases people ask with: something polite, then the request, then something
//! polite again. So nothing that merely speaks of people ("human heart rate", "I talked to a human about protein")
//! is taken for one. What is missed is still answered as a question; what is taken by mistake is not.

mod manners;

use super::phrases::Language;
use manners::MANNERS;

/// Words of the longest message that can be such a request.
const WORDS: usize = 12;

/// How people ask in one language. All in lower case, without accents and punctuation.
struct Manner {
    language: Language,
    /// What may come before, any number of times.
    before: &'static [&'static str],
    /// The request itself; `@` stands for one of [`Manner::people`].
    requests: &'static [&'static str],
    /// Whom people ask for.
    people: &'static [&'static str],
    /// What may follow, any number of times.
    after: &'static [&'static str],
}

/// The language in which a message asks for a person; `None` when it does not, or says more than that.
pub(super) fn for_a_person(text: &str) -> Option<Language> {
    let words = words(text)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    MANNERS.iter().find(|manner| manner.asks(&words)).map(|manner| manner.language)
}

impl Manner {
    fn asks(&self, words: &[&str]) -> bool {
        self.requests.iter().any(|request| self.is_request(request, words))
            || self.before.iter().any(|phrase| strip(words, phrase).is_some_and(|rest| self.asks(rest)))
    }

    /// Whether words are this request, and nothing but what may follow it.
    fn is_request(&self, request: &str, words: &[&str]) -> bool {
        let (start, end) = request.split_once('@').unwrap_or((request, ""));
        let Some(rest) = strip(words, start) else { return false };
        self.people.iter().any(|person| {
            let rest = strip(rest, person).and_then(|rest| strip(rest, end));
            rest.is_some_and(|rest| self.is_end(rest))
        })
    }

    fn is_end(&self, words: &[&str]) -> bool {
        words.is_empty()
            || self.after.iter().any(|phrase| strip(words, phrase).is_some_and(|rest| self.is_end(rest)))
    }
}

/// What follows a phrase that words begin with.
fn strip<'a, 'b>(words: &'a [&'b str], phrase: &str) -> Option<&'a [&'b str]> {
    let mut rest = words;
    for wanted in phrase.split(' ').filter(|word| !word.is_empty()) {
        let (first, others) = rest.split_first()?;
        if *first != wanted {
            return None;
        }
        rest = others;
    }
    Some(rest)
}

/// The words of a message as the phrases are written. `None`: there are too many, or none.
fn words(text: &str) -> Option<Vec<String>> {
    /// Bytes of the longest message of so many words that people write.
    const LONGEST: usize = 240;
    if text.len() > LONGEST {
        return None;
    }
    let words: Vec<String> = text
        .split(|letter: char| letter.is_whitespace() || ",.;:!?¿¡…،؟\"()".contains(letter))
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
        .map(|word| word.to_lowercase().chars().filter_map(plain).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    (1..=WORDS).contains(&words.len()).then_some(words)
}

/// A letter without its accent, as many people write it; marks of Arabic and Hebrew that are rarely written are left out.
const fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        '’' | '‘' | '`' | '´' => '\'',
        'أ' | 'إ' | 'آ' => 'ا',
        'ى' => 'ي',
        'ة' => 'ه',
        '\u{64b}'..='\u{652}' | '\u{591}'..='\u{5c7}' | '\u{640}' => return None,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    const ASKING: &[(Language, &[&str])] = &[
        (
            Language::English,
            &[
                "Could I talk to a human please?",
                "can i speak to a real person",
                "Hi, I'd like to speak with someone from your team, please.",
                "I’d like to talk to a human",
                "Please connect me to an agent!",
                "I want to talk to a person, not a bot",
                "I need a human",
                "Is there a human here?",
                "Is there a real person I can talk to?",
                "How can I talk to a human?",
                "get me a human now",
                "human please",
            ],
        ),
        (
            Language::German,
            &[
                "Könnte ich bitte mit einem Menschen sprechen?",
                "ich möchte mit einem echten Menschen reden",
                "Kann ich mit jemandem vom Team schreiben?",
                "Bitte verbinde mich mit einem Mitarbeiter",
                "Einen Menschen bitte",
            ],
        ),
        (
            Language::Spanish,
            &[
                "¿Podría hablar con una persona, por favor?",
                "quiero hablar con un humano",
                "Hola, me gustaría hablar con alguien del equipo",
                "¿Puedo hablar con una persona real y no con un bot?",
                "Pásame con un agente",
            ],
        ),
        (
            Language::Portuguese,
            &[
                "Posso falar com uma pessoa, por favor?",
                "eu gostaria de falar com um humano",
                "Oi, quero falar com um atendente",
                "Tem como falar com alguém da equipe?",
            ],
        ),
        (
            Language::French,
            &[
                "Pourrais-je parler à un humain, s'il vous plaît ?",
                "je voudrais parler a une vraie personne",
                "Bonjour, est-ce que je peux parler à quelqu’un de l’équipe ?",
                "J'aimerais échanger avec un conseiller",
            ],
        ),
        (
            Language::Arabic,
            &["هل يمكنني التحدث مع شخص حقيقي من فضلك؟", "أريد أن أتحدث مع إنسان", "ممكن التحدث مع موظف؟"],
        ),
        (
            Language::Hebrew,
            &["אפשר לדבר עם בן אדם בבקשה?", "אני רוצה לדבר עם נציג אנושי", "אפשר לדבר עם מישהו מהצוות?"],
        ),
    ];

    const NOT_ASKING: &[&str] = &[
        "human heart rate",
        "I talked to a human about protein",
        "How do I talk to a person who is angry?",
        "Can I talk to a human about protein and then to my doctor about iron?",
        "Are you a human?",
        "Is it human to be tired after lunch?",
        "I need a personal plan",
        "My agent told me to call you",
        "I want to talk about protein",
        "talk to you later",
        "What does a person need each day?",
        "Is there a person in the book called Ann?",
        "Please explain human digestion",
        "I would like to be a better person",
        "Wie viel Schlaf braucht ein Mensch?",
        "Ich habe mit einem Menschen gesprochen",
        "Kann ich mit einem Menschen trainieren?",
        "¿Cuánta agua necesita una persona?",
        "Hablé con una persona sobre el desayuno",
        "quiero ser una persona sana",
        "Quanta água uma pessoa precisa?",
        "Falei com uma pessoa ontem",
        "J'ai parlé à un humain hier",
        "Combien d'eau faut-il à une personne ?",
        "كم يحتاج شخص من الماء؟",
        "كم ساعة ينام إنسان؟",
        "כמה מים אדם צריך?",
        "דיברתי עם אדם על חלבון",
        "",
        "…",
    ];

    #[test]
    fn a_request_for_a_person_is_understood_in_every_language() {
        for (language, requests) in ASKING {
            for request in *requests {
                assert_eq!(for_a_person(request), Some(*language), "{request}");
            }
        }
    }

    #[test]
    fn what_merely_speaks_of_people_is_a_message() {
        for text in NOT_ASKING {
            assert_eq!(for_a_person(text), None, "{text}");
        }
    }

    #[test]
    fn phrases_are_written_as_messages_are_read() {
        for manner in MANNERS {
            for phrase in [manner.before, manner.requests, manner.people, manner.after].concat() {
                let read = words(&phrase.replace('@', "")).unwrap_or_default().join(" ");
                let written = phrase.replace('@', "").split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(read, written, "a phrase nobody could match");
            }
        }
    }

    fn requests() -> Vec<&'static str> {
        ASKING.iter().flat_map(|(_, requests)| requests.iter().copied()).collect()
    }

    proptest! {
        #[test]
        fn a_request_within_a_longer_message_is_a_message(
            request in select(requests()),
            more in "(protein|running|yesterday|because|desayuno|schlafen|pourquoi){1}( [a-z]{4,9}){0,12}",
            ahead: bool,
        ) {
            let text = if ahead { format!("{more} {request}") } else { format!("{request} {more}") };
            prop_assert_eq!(for_a_person(&text), None, "{}", text);
        }

        #[test]
        fn anything_may_be_asked(text in any::<String>()) {
            let _ = for_a_person(&text);
        }

        #[test]
        fn case_spaces_and_marks_do_not_matter(request in select(requests()), marks in "[ !?.…]{0,4}") {
            let loud = format!("  {}{marks}", request.to_uppercase().replace(' ', "   "));
            prop_assert_eq!(for_a_person(&loud), for_a_person(request), "{}", loud);
        }
    }
}
