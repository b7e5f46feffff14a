/** The loader's own few words: the launcher's accessible names. `{n}` is the unread count, `{name}` the coach. */
type Words = readonly [open: string, close: string, unread: string, panel: string];

const WORDS: Record<string, Words> = {
  en: ["Open chat", "Close chat", "{n} unread", "Chat with {name}"],
  es: ["Abrir el chat", "Cerrar el chat", "{n} sin leer", "Chat con {name}"],
  de: ["Chat öffnen", "Chat schließen", "{n} ungelesen", "Chat mit {name}"],
  fr: ["Ouvrir le chat", "Fermer le chat", "{n} non lus", "Discussion avec {name}"],
  pt: ["Abrir o chat", "Fechar o chat", "{n} não lidas", "Conversa com {name}"],
  ar: ["افتح المحادثة", "أغلق المحادثة", "{n} غير مقروءة", "محادثة مع {name}"],
  he: ["פתיחת הצ׳אט", "סגירת הצ׳אט", "{n} שלא נקראו", "צ׳אט עם {name}"],
};

/** The words for a BCP 47 tag, English when we lack the language. */
export function words(locale: string): Words {
  return WORDS[locale.toLowerCase().split("-")[0] ?? ""] ?? (WORDS.en as Words);
}
