//! Words so common in a language that finding them says nothing, without diacritics.
//!
//! Short on purpose: BM25 already weighs common words little, and a word that is missing here
//! costs only time.

use whatlang::Lang;

/// The stop words of a language, sorted; empty where we keep none.
pub(super) fn of(language: Lang) -> &'static [&'static str] {
    match language {
        Lang::Eng => &[
            "a", "an", "and", "are", "as", "at", "be", "but", "by", "did", "do", "does", "for", "from",
            "had", "has", "have", "he", "her", "his", "i", "if", "in", "into", "is", "it", "its", "me", "my",
            "no", "not", "of", "on", "or", "our", "she", "such", "that", "the", "their", "them", "then",
            "there", "these", "they", "this", "to", "was", "we", "were", "will", "with", "you", "your",
        ],
        Lang::Deu => &[
            "als", "am", "an", "auf", "aus", "bei", "das", "dem", "den", "der", "des", "die", "du", "ein",
            "eine", "einem", "einen", "einer", "er", "es", "fur", "hat", "ich", "im", "in", "ist", "mit",
            "nicht", "sich", "sie", "sind", "und", "von", "war", "wie", "wir", "zu", "zum", "zur",
        ],
        Lang::Fra => &[
            "a", "au", "aux", "avec", "ce", "ces", "dans", "de", "des", "du", "elle", "en", "est", "et",
            "il", "je", "la", "le", "les", "leur", "ma", "mais", "mon", "ne", "nous", "on", "ou", "par",
            "pas", "pour", "qu", "que", "qui", "sa", "se", "ses", "son", "sont", "sur", "tu", "un", "une",
            "vous",
        ],
        Lang::Spa => &[
            "al", "como", "con", "de", "del", "el", "ella", "en", "es", "esta", "la", "las", "lo", "los",
            "mas", "me", "mi", "no", "o", "para", "pero", "por", "que", "se", "si", "son", "su", "sus", "te",
            "tu", "un", "una", "y", "yo",
        ],
        Lang::Ita => &[
            "al", "alla", "che", "chi", "come", "con", "da", "dei", "del", "della", "di", "e", "gli", "ha",
            "i", "il", "in", "io", "la", "le", "lo", "ma", "mi", "nel", "non", "o", "per", "piu", "se", "si",
            "sono", "su", "tu", "un", "una",
        ],
        Lang::Por => &[
            "a", "ao", "as", "com", "como", "da", "das", "de", "do", "dos", "e", "ela", "ele", "em", "eu",
            "mais", "mas", "me", "na", "nao", "nas", "no", "nos", "o", "os", "ou", "para", "por", "que",
            "se", "sua", "um", "uma",
        ],
        Lang::Nld => &[
            "aan", "als", "bij", "dat", "de", "die", "dit", "een", "en", "er", "het", "hij", "ik", "in",
            "is", "je", "maar", "met", "niet", "of", "om", "op", "te", "van", "voor", "was", "we", "ze",
            "zijn",
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_binary_search() {
        for language in Lang::all() {
            assert!(of(*language).is_sorted(), "{language}");
        }
    }
}
