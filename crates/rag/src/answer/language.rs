//! Which language the client writes.

use std::sync::LazyLock;

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
    let sure = |text: &str| DETECTOR.detect(text).filter(is_sure);
    let found = sure(question).or_else(|| {
        if earlier.is_empty() {
            return None;
        }
        let mut all = earlier.join("\n");
        all.push('\n');
        all.push_str(question);
        sure(&all)
    })?;
    Some(Language { code: code(found.lang()), name: found.lang().eng_name() })
}

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
        assert_eq!(detect("Как начать утро?", &[]).unwrap().code, "ru");
    }

    #[test]
    fn a_short_question_takes_the_language_of_the_conversation() {
        let earlier = ["¿Cómo puedo empezar el día con más energía y mantener mis buenos hábitos?"];
        assert_eq!(detect("¿Y después?", &earlier).unwrap().code, "es");
        assert_eq!(detect("ok", &[]), None);
    }
}
