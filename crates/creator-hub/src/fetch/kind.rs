//! What a website sent.

use std::path::Path;

use coxswain_domain::document::DocumentKind;
use url::Url;

/// What we ask for.
pub(super) const ACCEPT: &str =
    "text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain;q=0.9, */*;q=0.5";

/// The kind of document: by the content type; where that says little, by the address.
pub(super) fn of(content_type: Option<&str>, url: &Url) -> Option<DocumentKind> {
    let by_address = || DocumentKind::from_extension(Path::new(url.path()).extension()?.to_str()?);
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => Some(DocumentKind::Html),
        "application/pdf" => Some(DocumentKind::Pdf),
        "text/markdown" => Some(DocumentKind::Markdown),
        "text/csv" => Some(DocumentKind::Csv),
        "text/vtt" => Some(DocumentKind::Vtt),
        "application/x-subrip" => Some(DocumentKind::Srt),
        "application/epub+zip" => Some(DocumentKind::Epub),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Some(DocumentKind::Docx),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => {
            Some(DocumentKind::Pptx)
        }
        // Many servers say so of anything that is text.
        "text/plain" => by_address().or(Some(DocumentKind::Text)),
        "" | "application/octet-stream" | "binary/octet-stream" => by_address(),
        _ => None,
    }
}

/// A name for the file, with the extension of its kind.
pub(super) fn file_name(url: &Url, kind: DocumentKind) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back()).filter(|part| !part.is_empty());
    let name: String = last.or(url.host_str()).unwrap_or("page").chars().take(200).collect();
    let fits = Path::new(&name)
        .extension()
        .and_then(|extension| DocumentKind::from_extension(extension.to_str()?))
        .is_some_and(|named| named == kind);
    if fits { name } else { format!("{name}.{}", extension(kind)) }
}

const fn extension(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Markdown => "md",
        DocumentKind::Text => "txt",
        other => other.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_kind_comes_from_the_type_and_else_from_the_address() {
        let page = url("https://coach.test/habits");
        assert_eq!(of(Some("text/html; charset=utf-8"), &page), Some(DocumentKind::Html));
        assert_eq!(
            of(Some("application/octet-stream"), &url("https://coach.test/a.PDF")),
            Some(DocumentKind::Pdf)
        );
        assert_eq!(of(Some("text/plain"), &url("https://coach.test/a.md")), Some(DocumentKind::Markdown));
        assert_eq!(of(Some("video/mp4"), &url("https://coach.test/a.pdf")), None);
        assert_eq!(of(None, &page), None);
    }

    #[test]
    fn names_end_as_their_kind_does() {
        assert_eq!(file_name(&url("https://coach.test/"), DocumentKind::Html), "coach.test.html");
        assert_eq!(file_name(&url("https://coach.test/a/b.pdf?x=1"), DocumentKind::Pdf), "b.pdf");
        assert_eq!(file_name(&url("https://coach.test/page.php"), DocumentKind::Html), "page.php.html");
    }
}
