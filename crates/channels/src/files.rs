//! What a client's file is, by its content: its name and what was said of it are only claims.

use coxswain_domain::attachment::AttachmentKind;

/// How much of a file's beginning tells what it is. A PDF may have other things before its mark.
pub(crate) const HEAD: usize = 1024;
/// Bytes a name may have, as most file systems have it.
const LONGEST_NAME: usize = 200;

/// A kind of file that can be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) kind: AttachmentKind,
    pub(crate) mime: &'static str,
    /// Endings that fit it; the first is given to a name with another one.
    pub(crate) endings: &'static [&'static str],
}

const fn format(kind: AttachmentKind, mime: &'static str, endings: &'static [&'static str]) -> Format {
    Format { kind, mime, endings }
}

const JPEG: Format = format(AttachmentKind::Image, "image/jpeg", &["jpg", "jpeg"]);
const PNG: Format = format(AttachmentKind::Image, "image/png", &["png"]);
const GIF: Format = format(AttachmentKind::Image, "image/gif", &["gif"]);
const WEBP: Format = format(AttachmentKind::Image, "image/webp", &["webp"]);
const PDF: Format = format(AttachmentKind::Pdf, "application/pdf", &["pdf"]);
const TEXT: Format = format(AttachmentKind::Text, "text/plain", &["txt", "md", "csv", "log"]);
const MP3: Format = format(AttachmentKind::Audio, "audio/mpeg", &["mp3"]);
const OGG: Format = format(AttachmentKind::Audio, "audio/ogg", &["ogg", "oga", "opus"]);
const WAV: Format = format(AttachmentKind::Audio, "audio/wav", &["wav"]);
const FLAC: Format = format(AttachmentKind::Audio, "audio/flac", &["flac"]);
const AAC: Format = format(AttachmentKind::Audio, "audio/aac", &["aac"]);
const M4A: Format = format(AttachmentKind::Audio, "audio/mp4", &["m4a", "mp4"]);
const MP4: Format = format(AttachmentKind::Video, "video/mp4", &["mp4", "m4v", "mov"]);
const WEBM: Format = format(AttachmentKind::Video, "video/webm", &["webm", "mkv"]);
/// What nothing is known of.
pub(crate) const UNKNOWN: Format = format(AttachmentKind::Other, "application/octet-stream", &[]);

/// What a file is that begins like this, by its mark. Text has none: see [`Plain`].
pub(crate) fn marked(head: &[u8]) -> Option<Format> {
    let at = |place: usize, mark: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(mark));
    let format = match head {
        [0xff, 0xd8, 0xff, ..] => JPEG,
        _ if at(0, b"\x89PNG\r\n\x1a\n") => PNG,
        _ if at(0, b"GIF87a") || at(0, b"GIF89a") => GIF,
        _ if at(0, b"RIFF") && at(8, b"WEBP") => WEBP,
        _ if at(0, b"RIFF") && at(8, b"WAVE") => WAV,
        _ if at(0, b"OggS") => OGG,
        _ if at(0, b"fLaC") => FLAC,
        _ if at(0, b"ID3") => MP3,
        // A frame of MPEG audio: layer III, or ADTS, whose layer is 0.
        [0xff, second, ..] if second & 0xf6 == 0xf0 => AAC,
        [0xff, second, ..] if second & 0xe6 == 0xe2 => MP3,
        _ if at(4, b"ftypM4A") || at(4, b"ftypM4B") => M4A,
        _ if at(4, b"ftyp") => MP4,
        _ if at(0, b"\x1a\x45\xdf\xa3") => WEBM,
        _ if head[..head.len().min(HEAD)].windows(5).any(|five| five == b"%PDF-") => PDF,
        _ => return None,
    };
    Some(format)
}

/// Watches whether what comes by is plain text: UTF-8 without control characters, and no markup that would run.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    /// The beginning of a character whose rest has not come yet.
    cut: Vec<u8>,
    spoilt: bool,
}

impl Plain {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.spoilt {
            return;
        }
        let joined;
        let bytes = if self.cut.is_empty() {
            bytes
        } else {
            joined = [self.cut.as_slice(), bytes].concat();
            &joined
        };
        let (text, cut) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, &[][..]),
            Err(error) if error.error_len().is_none() => {
                let (whole, cut) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(whole).unwrap_or_default(), cut)
            }
            Err(_) => {
                self.spoilt = true;
                return;
            }
        };
        let control = |char: char| char.is_control() && !matches!(char, '\t' | '\n' | '\r' | '\u{c}');
        self.spoilt = text.contains(control);
        self.cut = cut.to_vec();
    }

    /// Whether all of it was, `head` being its beginning.
    pub(crate) fn format(&self, head: &[u8]) -> Option<Format> {
        (!self.spoilt && self.cut.is_empty() && !is_markup(head)).then_some(TEXT)
    }
}

/// Whether a browser might take it for a page, a picture or a script.
fn is_markup(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
    ["<!doctype", "<!--", "<html", "<head", "<body", "<script", "<svg", "<?xml", "<iframe", "<math"]
        .iter()
        .any(|mark| text.starts_with(mark))
}

/// The last part of what a device calls a file, without what could mislead people or programs, and with an ending
/// that fits what it is. `fallback` where nothing is left.
pub(crate) fn name_for(given: &str, format: Format, fallback: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction make `exe.pdf` of `fdp.exe`.
    let misleading = |char: char| {
        char.is_control()
            || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = last.chars().filter(|char| !misleading(*char)).collect();
    let clean = clean.trim().trim_start_matches('.');
    let name = if clean.is_empty() { fallback } else { clean };
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let fits = ending.as_deref().is_some_and(|ending| format.endings.contains(&ending));
    let added = if fits { None } else { format.endings.first() };
    // The ending stays when the name is cut.
    let tail = match (added, &ending) {
        (Some(ending), _) => format!(".{ending}"),
        (None, Some(ending)) if ending.len() < 10 => name[name.len() - ending.len() - 1..].to_owned(),
        (None, _) => String::new(),
    };
    let stem = if added.is_some() { name } else { &name[..name.len() - tail.len()] };
    let mut cut = stem.len().min(LONGEST_NAME - tail.len());
    while !stem.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}{tail}", &stem[..cut])
}

/// What stands in a conversation for a file.
pub(crate) const fn sign(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Image => "🖼",
        AttachmentKind::Audio => "🎵",
        AttachmentKind::Video => "🎬",
        AttachmentKind::Pdf | AttachmentKind::Text | AttachmentKind::Other => "📎",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(chunks: &[&[u8]]) -> Option<AttachmentKind> {
        let mut plain = Plain::default();
        for chunk in chunks {
            plain.feed(chunk);
        }
        plain.format(&chunks.concat()).map(|format| format.kind)
    }

    #[test]
    fn a_file_is_what_its_content_says() {
        for (head, mime) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
            (b"GIF89a\x01\0", "image/gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"\r\n%PDF-1.4\n", "application/pdf"),
            (b"OggS\0\x02", "audio/ogg"),
            (b"ID3\x04\0", "audio/mpeg"),
            (b"\xff\xfb\x90\x64", "audio/mpeg"),
            (b"\xff\xf1\x50\x80", "audio/aac"),
            (b"\0\0\0\x20ftypM4A \0", "audio/mp4"),
            (b"\0\0\0\x20ftypisom\0", "video/mp4"),
        ] {
            assert_eq!(marked(head).map(|format| format.mime), Some(mime), "{head:?}");
        }
        for head in [&b""[..], b"MZ\x90\0", b"PK\x03\x04", b"<svg xmlns=", b"GIF", b"hello"] {
            assert_eq!(marked(head), None, "{head:?}");
        }
    }

    #[test]
    fn text_is_text_however_it_is_cut() {
        let words = "Grüße, こんにちは, 🚣!\n\tdone".as_bytes();
        for cut in 0..words.len() {
            let (left, right) = words.split_at(cut);
            assert_eq!(plain(&[left, right]), Some(AttachmentKind::Text), "cut at {cut}");
        }
        for not in [&b"a\0b"[..], b"\xff\xfe", b"ends in \xc3", b"\x1b[31m", b" \n<!DOCTYPE html>", b"<SVG>"]
        {
            assert_eq!(plain(&[not]), None, "{not:?}");
        }
    }

    #[test]
    fn a_name_is_harmless_and_fits_its_content() {
        for (given, format, name) in [
            ("C:\\photos\\a\u{7}b.JPG", JPEG, "ab.JPG"),
            ("../../etc/passwd", TEXT, "passwd.txt"),
            ("run.bat", TEXT, "run.bat.txt"),
            ("plan.pdf.exe", PDF, "plan.pdf.exe.pdf"),
            ("photo\u{202e}gpj.exe", JPEG, "photogpj.exe.jpg"),
            ("", PNG, "picture.png"),
            ("...", PNG, "picture.png"),
            ("report.docx", UNKNOWN, "report.docx"),
        ] {
            assert_eq!(name_for(given, format, "picture"), name, "{given:?}");
        }
        let long = name_for(&format!("{}.pdf", "é".repeat(300)), PDF, "file");
        assert!(long.len() <= LONGEST_NAME && long.ends_with("é.pdf"), "{long}");
    }
}
