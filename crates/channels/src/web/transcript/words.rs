//! The transcript's few words, in every language the panel speaks.

/// `{name}` is the coach, `{n}` a page.
pub(super) struct Words {
    pub(super) conversation: &'static str,
    pub(super) you: &'static str,
    pub(super) material: &'static str,
    pub(super) check_in: &'static str,
    pub(super) files: &'static str,
    pub(super) sources: &'static str,
    pub(super) page: &'static str,
    pub(super) stopped: &'static str,
}

/// The words for a BCP 47 tag, English when we lack the language.
pub(super) fn of(tag: &str) -> &'static Words {
    let language = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    match language.as_str() {
        "ar" => &ARABIC,
        "de" => &GERMAN,
        "es" => &SPANISH,
        "fr" => &FRENCH,
        "he" => &HEBREW,
        "pt" => &PORTUGUESE,
        _ => &ENGLISH,
    }
}

const ENGLISH: Words = Words {
    conversation: "Conversation with {name}",
    you: "You",
    material: "From {name}’s material",
    check_in: "check-in",
    files: "Files",
    sources: "Sources",
    page: "page {n}",
    stopped: "stopped",
};
const ARABIC: Words = Words {
    conversation: "محادثة مع {name}",
    you: "أنت",
    material: "من محتوى {name}",
    check_in: "متابعة",
    files: "الملفات",
    sources: "المصادر",
    page: "صفحة {n}",
    stopped: "توقفت",
};
const GERMAN: Words = Words {
    conversation: "Gespräch mit {name}",
    you: "Du",
    material: "Aus dem Material von {name}",
    check_in: "Check-in",
    files: "Dateien",
    sources: "Quellen",
    page: "Seite {n}",
    stopped: "angehalten",
};
const SPANISH: Words = Words {
    conversation: "Conversación con {name}",
    you: "Tú",
    material: "Del material de {name}",
    check_in: "seguimiento",
    files: "Archivos",
    sources: "Fuentes",
    page: "página {n}",
    stopped: "detenida",
};
const FRENCH: Words = Words {
    conversation: "Conversation avec {name}",
    you: "Vous",
    material: "D’après les contenus de {name}",
    check_in: "suivi",
    files: "Fichiers",
    sources: "Sources",
    page: "page {n}",
    stopped: "arrêtée",
};
const HEBREW: Words = Words {
    conversation: "שיחה עם {name}",
    you: "את/ה",
    material: "מתוך החומר של {name}",
    check_in: "פנייה יזומה",
    files: "קבצים",
    sources: "מקורות",
    page: "עמוד {n}",
    stopped: "נעצרה",
};
const PORTUGUESE: Words = Words {
    conversation: "Conversa com {name}",
    you: "Você",
    material: "Do material de {name}",
    check_in: "acompanhamento",
    files: "Arquivos",
    sources: "Fontes",
    page: "página {n}",
    stopped: "interrompida",
};
