//! What the road itself says to a client, in their language.

use whatlang::{Detector, Info, Lang};

/// Languages the road speaks: those of the widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// The fallback.
    English,
    /// Deutsch.
    German,
    /// Español.
    Spanish,
    /// Français.
    French,
    /// Português.
    Portuguese,
    /// العربية.
    Arabic,
    /// עברית.
    Hebrew,
}

impl Language {
    /// The language of a BCP 47 tag; English where we do not speak it.
    pub(crate) fn of_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "de" => Self::German,
            "es" => Self::Spanish,
            "fr" => Self::French,
            "pt" => Self::Portuguese,
            "ar" => Self::Arabic,
            "he" | "iw" => Self::Hebrew,
            _ => Self::English,
        }
    }

    /// The language somebody writes in, for messengers that do not tell; English where it cannot be told.
    pub(crate) fn of_text(text: &str) -> Self {
        let known = [Lang::Eng, Lang::Deu, Lang::Spa, Lang::Fra, Lang::Por, Lang::Ara, Lang::Heb];
        // A few words are like those of several languages.
        let sure = Detector::with_allowlist(known.to_vec()).detect(text).filter(Info::is_reliable);
        match sure.map(|sure| sure.lang()) {
            Some(Lang::Deu) => Self::German,
            Some(Lang::Spa) => Self::Spanish,
            Some(Lang::Fra) => Self::French,
            Some(Lang::Por) => Self::Portuguese,
            Some(Lang::Ara) => Self::Arabic,
            Some(Lang::Heb) => Self::Hebrew,
            _ => Self::English,
        }
    }
}

/// What there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// On `/start`, where the creator has written no greeting.
    Greeting,
    /// A recording came.
    CannotListen,
    /// A picture, film or sticker came.
    CannotSee,
    /// A file came.
    CannotOpen,
    /// Something else came.
    CannotRead,
    /// They opted out.
    Stopped,
    /// They want unprompted messages again.
    Started,
    /// They asked for a human.
    HumanComes,
    /// The channel is bound to them now.
    Linked,
    /// The code is wrong, used or too old.
    LinkFailed,
    /// The creator has switched this messenger off.
    SwitchedOff,
    /// Before the addresses of other channels.
    ReachUsHere,
    /// Above what an answer stands on.
    Sources,
    /// Where a quote stands: `{n}` is a page or slide.
    Page,
    /// Where a quote is said: `{time}` is the place in a recording.
    At,
}

/// The phrase in a language.
pub(crate) const fn say(phrase: Phrase, language: Language) -> &'static str {
    let [english, german, spanish, french, portuguese, arabic, hebrew] = texts(phrase);
    match language {
        Language::English => english,
        Language::German => german,
        Language::Spanish => spanish,
        Language::French => french,
        Language::Portuguese => portuguese,
        Language::Arabic => arabic,
        Language::Hebrew => hebrew,
    }
}

/// English, German, Spanish, French, Portuguese, Arabic, Hebrew.
#[expect(clippy::too_many_lines, reason = "a table of sentences")]
const fn texts(phrase: Phrase) -> [&'static str; 7] {
    match phrase {
        Phrase::Greeting => [
            "Hello! Ask me anything about the material.",
            "Hallo! Frag mich alles zum Material.",
            "¡Hola! Pregúntame lo que quieras sobre el material.",
            "Bonjour ! Posez-moi vos questions sur le contenu.",
            "Olá! Pergunte-me o que quiser sobre o material.",
            "مرحبًا! اسألني عن أي شيء في المادة.",
            "שלום! אפשר לשאול אותי כל דבר על החומר.",
        ],
        Phrase::CannotListen => [
            "I can't listen to recordings yet; please write to me.",
            "Sprachnachrichten kann ich noch nicht anhören; bitte schreib mir.",
            "Todavía no puedo escuchar audios; escríbeme, por favor.",
            "Je ne peux pas encore écouter d'enregistrements ; écrivez-moi, s'il vous plaît.",
            "Ainda não consigo ouvir áudios; por favor, escreva.",
            "لا أستطيع الاستماع إلى التسجيلات بعد؛ اكتب لي من فضلك.",
            "אני עדיין לא יכול להאזין להקלטות; אפשר לכתוב לי.",
        ],
        Phrase::CannotSee => [
            "I can't look at pictures or films yet; please tell me in words.",
            "Bilder und Filme kann ich noch nicht ansehen; bitte beschreib es mir in Worten.",
            "Todavía no puedo ver imágenes ni vídeos; cuéntamelo con palabras, por favor.",
            "Je ne peux pas encore voir d'images ni de vidéos ; décrivez-le avec des mots, s'il vous plaît.",
            "Ainda não consigo ver imagens nem vídeos; por favor, conte com palavras.",
            "لا أستطيع رؤية الصور أو المقاطع بعد؛ صف لي ذلك بالكلمات من فضلك.",
            "אני עדיין לא יכול לראות תמונות או סרטונים; אפשר לתאר במילים.",
        ],
        Phrase::CannotOpen => [
            "I can't open files yet; please write to me what it is about.",
            "Dateien kann ich noch nicht öffnen; bitte schreib mir, worum es geht.",
            "Todavía no puedo abrir archivos; escríbeme de qué se trata, por favor.",
            "Je ne peux pas encore ouvrir de fichiers ; écrivez-moi de quoi il s'agit, s'il vous plaît.",
            "Ainda não consigo abrir arquivos; por favor, escreva do que se trata.",
            "لا أستطيع فتح الملفات بعد؛ اكتب لي موضوعها من فضلك.",
            "אני עדיין לא יכול לפתוח קבצים; אפשר לכתוב לי במה מדובר.",
        ],
        Phrase::CannotRead => [
            "I can't read this kind of message; please write to me in words.",
            "Diese Art von Nachricht kann ich nicht lesen; bitte schreib mir in Worten.",
            "No puedo leer este tipo de mensaje; escríbeme con palabras, por favor.",
            "Je ne peux pas lire ce type de message ; écrivez-moi avec des mots, s'il vous plaît.",
            "Não consigo ler este tipo de mensagem; por favor, escreva com palavras.",
            "لا أستطيع قراءة هذا النوع من الرسائل؛ اكتب لي بالكلمات من فضلك.",
            "אני לא יכול לקרוא הודעה מסוג זה; אפשר לכתוב לי במילים.",
        ],
        Phrase::Stopped => [
            "You won't get messages from us any more unless you write first. Send START to change that.",
            "Du bekommst keine Nachrichten mehr von uns, außer du schreibst zuerst. Mit START änderst du das.",
            "No recibirás más mensajes nuestros salvo que escribas primero. Envía ALTA para cambiarlo.",
            "Vous ne recevrez plus de messages, sauf si vous écrivez en premier. Envoyez START pour changer cela.",
            "Você não receberá mais mensagens nossas, a menos que escreva primeiro. Envie START para mudar isso.",
            "لن تصلك رسائل منا بعد الآن إلا إذا كتبت أولًا. أرسل START لتغيير ذلك.",
            "לא יישלחו אליך עוד הודעות אלא אם תהיה פנייה ממך. אפשר לשלוח START כדי לשנות זאת.",
        ],
        Phrase::Started => [
            "Good to have you back. Your coach may write to you again. Send STOP to end that.",
            "Schön, dass du wieder da bist. Dein Coach darf dir wieder schreiben. Mit STOP endet das.",
            "Qué bien tenerte de vuelta. Tu coach puede volver a escribirte. Envía BAJA para que deje de hacerlo.",
            "Heureux de vous retrouver. Votre coach peut de nouveau vous écrire. Envoyez STOP pour arrêter.",
            "Que bom ter você de volta. Seu coach pode voltar a escrever. Envie PARAR para encerrar.",
            "سعداء بعودتك. يمكن لمدربك أن يكتب لك من جديد. أرسل STOP لإيقاف ذلك.",
            "טוב שחזרת. המאמן יכול לכתוב לך שוב. אפשר לשלוח STOP כדי להפסיק.",
        ],
        Phrase::HumanComes => [
            "I've told the team that you would like to talk to a person. They will answer here.",
            "Ich habe dem Team gesagt, dass du mit einem Menschen sprechen möchtest. Die Antwort kommt hier.",
            "He avisado al equipo de que quieres hablar con una persona. Te responderán aquí.",
            "J'ai prévenu l'équipe que vous souhaitez parler à une personne. Elle vous répondra ici.",
            "Avisei a equipe que você quer falar com uma pessoa. A resposta virá por aqui.",
            "أخبرت الفريق أنك تريد التحدث مع شخص. سيجيبك هنا.",
            "עדכנתי את הצוות שרצית לדבר עם אדם. התשובה תגיע לכאן.",
        ],
        Phrase::Linked => [
            "This chat is connected with you now.",
            "Dieser Chat ist jetzt mit dir verbunden.",
            "Este chat ya está conectado contigo.",
            "Cette conversation est maintenant reliée à vous.",
            "Este chat agora está conectado a você.",
            "هذه المحادثة مرتبطة بك الآن.",
            "הצ'אט הזה מקושר אליך עכשיו.",
        ],
        Phrase::SwitchedOff => [
            "Nobody answers questions on WhatsApp any more. Your message is kept, and the team can read it.",
            "Auf WhatsApp werden keine Fragen mehr beantwortet. Deine Nachricht ist da, und das Team kann sie lesen.",
            "Por WhatsApp ya no se responden preguntas. Tu mensaje queda guardado y el equipo puede leerlo.",
            "Les questions ne reçoivent plus de réponse sur WhatsApp. Votre message est conservé et l'équipe peut le lire.",
            "As perguntas já não são respondidas pelo WhatsApp. Sua mensagem fica guardada e a equipe pode lê-la.",
            "لم نعد نجيب عن الأسئلة عبر واتساب. رسالتك محفوظة ويمكن للفريق قراءتها.",
            "כבר לא עונים על שאלות בוואטסאפ. ההודעה שלך נשמרה והצוות יכול לקרוא אותה.",
        ],
        Phrase::ReachUsHere => [
            "You can write to us here:",
            "Hier kannst du uns schreiben:",
            "Puedes escribirnos aquí:",
            "Vous pouvez nous écrire ici :",
            "Você pode nos escrever aqui:",
            "يمكنك مراسلتنا هنا:",
            "אפשר לכתוב לנו כאן:",
        ],
        Phrase::Sources => ["Sources", "Quellen", "Fuentes", "Sources", "Fontes", "المصادر", "מקורות"],
        Phrase::Page => {
            ["page {n}", "Seite {n}", "página {n}", "page {n}", "página {n}", "صفحة {n}", "עמוד {n}"]
        }
        Phrase::At => {
            ["at {time}", "bei {time}", "en {time}", "à {time}", "em {time}", "عند {time}", "בזמן {time}"]
        }
        Phrase::LinkFailed => [
            "This code is no longer valid. Please ask for a new one where you got it.",
            "Dieser Code gilt nicht mehr. Bitte hol dir dort, wo du ihn bekommen hast, einen neuen.",
            "Este código ya no es válido. Pide uno nuevo donde lo obtuviste.",
            "Ce code n'est plus valable. Demandez-en un nouveau là où vous l'avez obtenu.",
            "Este código não é mais válido. Peça um novo onde você o obteve.",
            "لم يعد هذا الرمز صالحًا. اطلب رمزًا جديدًا من المكان الذي حصلت عليه منه.",
            "הקוד הזה כבר לא תקף. אפשר לבקש קוד חדש במקום שבו קיבלת אותו.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_a_language_we_speak_or_english() {
        for (tag, language) in [
            ("de-AT", Language::German),
            ("pt_BR", Language::Portuguese),
            ("ES", Language::Spanish),
            ("sv", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }

    #[test]
    fn words_tell_the_language_where_the_messenger_does_not() {
        for (text, language) in [
            ("¿Puedo desayunar después de entrenar por la mañana?", Language::Spanish),
            ("Darf ich nach dem Training am Morgen noch frühstücken?", Language::German),
            ("هل يمكنني تناول الإفطار بعد التمرين؟", Language::Arabic),
            ("", Language::English),
            ("/start", Language::English),
        ] {
            assert_eq!(Language::of_text(text), language, "{text}");
        }
    }
}
