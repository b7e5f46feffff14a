//! Which language the client writes.

use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;
use whatlang::{Detector, Info, Lang};

/// A language, by its BCP 47 code and its English name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// BCP 47.
    pub code: &'static str,
    /// In English, for the model's instructions.
    pub name: &'static str,
}

/// The language of a question, where its words tell it; earlier words of the same client help a short one.
pub fn detect(question: &str, earlier: &[&str]) -> Option<Language> {
    let found = sure(question).or_else(|| {
        if earlier.is_empty() {
            return None;
        }
        let mut all = earlier.join("\n");
        all.push('\n');
        all.push_str(question);
        sure(&all)
    })?;
    Some(Language { code: code(found), name: found.eng_name() })
}

fn sure(text: &str) -> Option<Lang> {
    by_small_words(text).or_else(|| DETECTOR.detect(text).filter(is_sure).map(|info| info.lang()))
}

/// The language most of a short text's small words belong to. They tell a question's language sooner
/// than its letters do.
fn by_small_words(text: &str) -> Option<Lang> {
    let lower = text.to_lowercase();
    let mut hits = [0_usize; SMALL_WORDS.len()];
    for word in lower.unicode_words() {
        for (hits, (_, words)) in hits.iter_mut().zip(SMALL_WORDS) {
            *hits += usize::from(words.contains(&word));
        }
    }
    let (best, most) = hits.iter().copied().enumerate().max_by_key(|&(_, hits)| hits)?;
    let alone = hits.iter().filter(|&&hits| hits == most).count() == 1;
    (most >= 2 && alone).then(|| SMALL_WORDS[best].0)
}

/// Words of asking and pointing that few of these languages share.
const SMALL_WORDS: [(Lang, &[&str]); 8] = [
    (
        Lang::Eng,
        &[
            "what", "how", "does", "do", "the", "is", "are", "my", "should", "when", "why", "which", "who",
            "and", "of", "to", "for", "can", "did", "about", "with", "it",
        ],
    ),
    (
        Lang::Deu,
        &[
            "was", "wie", "ich", "ist", "kann", "mein", "meine", "wann", "warum", "welche", "der", "die",
            "das", "und", "eine", "ein", "für", "mir", "mich", "nicht", "zu", "über", "soll",
        ],
    ),
    (
        Lang::Fra,
        &[
            "comment", "pourquoi", "quand", "quel", "quelle", "est", "les", "des", "je", "mon", "ma", "puis",
            "dois", "le", "la", "et", "pour", "une", "un", "qui", "que", "sur", "dans",
        ],
    ),
    (
        Lang::Spa,
        &[
            "qué", "cómo", "cuándo", "por", "cuál", "es", "el", "los", "las", "mi", "puedo", "debo", "y",
            "para", "una", "un", "quién", "dónde", "sobre", "del", "la",
        ],
    ),
    (
        Lang::Ita,
        &[
            "che", "come", "quando", "perché", "quale", "è", "il", "gli", "mio", "mia", "posso", "devo", "e",
            "per", "una", "un", "chi", "dove", "della", "di", "cosa", "la",
        ],
    ),
    (
        Lang::Por,
        &[
            "o", "que", "como", "quando", "porque", "qual", "é", "os", "as", "meu", "minha", "posso", "devo",
            "e", "para", "uma", "um", "quem", "onde", "não", "da", "do",
        ],
    ),
    (
        Lang::Nld,
        &[
            "wat", "hoe", "ik", "is", "kan", "mijn", "wanneer", "waarom", "welke", "de", "het", "en", "een",
            "voor", "moet", "niet", "van", "over", "wie",
        ],
    ),
    (
        Lang::Swe,
        &[
            "vad", "hur", "jag", "är", "kan", "min", "mitt", "när", "varför", "vilken", "den", "det", "och",
            "en", "ett", "för", "ska", "inte", "om", "på",
        ],
    ),
];

/// Rare languages would win over common ones in short texts.
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::with_allowlist(COMMON.to_vec()));

const COMMON: [Lang; 30] = [
    Lang::Eng,
    Lang::Deu,
    Lang::Fra,
    Lang::Spa,
    Lang::Ita,
    Lang::Por,
    Lang::Nld,
    Lang::Swe,
    Lang::Dan,
    Lang::Nob,
    Lang::Fin,
    Lang::Pol,
    Lang::Ces,
    Lang::Slk,
    Lang::Hun,
    Lang::Ron,
    Lang::Bul,
    Lang::Ell,
    Lang::Tur,
    Lang::Rus,
    Lang::Ukr,
    Lang::Ara,
    Lang::Heb,
    Lang::Hin,
    Lang::Jpn,
    Lang::Kor,
    Lang::Cmn,
    Lang::Vie,
    Lang::Ind,
    Lang::Tha,
];

/// Sure enough to tell a model which language to answer in.
fn is_sure(info: &Info) -> bool {
    info.is_reliable() || info.confidence() >= 0.5
}

/// BCP 47 wants the two-letter code where there is one.
fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "nb",
        Lang::Fin => "fi",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Slk => "sk",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Bul => "bg",
        Lang::Ell => "el",
        Lang::Tur => "tr",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Cmn => "zh",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Tha => "th",
        other => other.code(),
    }
}

/// What is said before quotes when no model writes the answer.
pub(super) fn quotes_intro(language: Option<Language>) -> &'static str {
    match language.map_or("en", |language| language.code) {
        "de" => "Dazu steht in den Unterlagen:",
        "fr" => "Voici ce qu'en disent les documents :",
        "es" => "Esto es lo que dice el material:",
        "it" => "Ecco che cosa dice il materiale:",
        "pt" => "Isto é o que diz o material:",
        "nl" => "Dit staat erover in het materiaal:",
        "sv" => "Så här står det i materialet:",
        "da" => "Sådan står det i materialet:",
        "nb" => "Dette står i materialet:",
        "pl" => "Oto co mówią na ten temat materiały:",
        "ru" => "Вот что об этом сказано в материалах:",
        "uk" => "Ось що про це сказано в матеріалах:",
        "tr" => "Kaynaklarda bu konuda şunlar yazıyor:",
        "ar" => "هذا ما ورد في المادة:",
        "he" => "זה מה שכתוב על כך בחומר:",
        "ja" => "資料には次のように書かれています。",
        "zh" => "资料中是这样写的：",
        _ => "Here is what the material says:",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_question_tells_its_language() {
        let question = "Wie kann ich mir eine neue Gewohnheit am frühen Morgen angewöhnen?";
        assert_eq!(detect(question, &[]).unwrap().code, "de");
        for (question, code) in [
            ("Wie fange ich an?", "de"),
            ("What does Bennett say about the first hour?", "en"),
            ("Comment est-ce que je dois commencer ?", "fr"),
            ("¿Qué puedo hacer por la mañana?", "es"),
            ("Come posso iniziare la giornata?", "it"),
            ("Como posso começar o dia?", "pt"),
            ("Hoe begin ik de dag?", "nl"),
            ("Как мне лучше всего начать новое утро и не бросить привычку?", "ru"),
        ] {
            assert_eq!(detect(question, &[]).map(|found| found.code), Some(code), "{question}");
        }
    }

    #[test]
    fn a_short_question_takes_the_language_of_the_conversation() {
        let earlier = ["¿Cómo puedo empezar el día con más energía y mantener mis buenos hábitos?"];
        assert_eq!(detect("¿Y después?", &earlier).unwrap().code, "es");
        assert_eq!(detect("ok", &[]), None);
    }
}
