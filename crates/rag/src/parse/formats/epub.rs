//! EPUB: the chapters of the spine in their order, each read as HTML.

use std::path::Path;

use rbook::Epub;

use super::super::sections::Sections;
use super::super::sink::Sink;
use super::super::{DocumentKind, ParseError, archive};
use super::html;

/// XHTML elements that may be written empty; HTML would swallow all that follows them.
const EMPTY: [&str; 5] = ["title", "script", "style", "textarea", "iframe"];

pub(super) fn read(path: &Path, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    archive::check(path, DocumentKind::Epub, sink.limits())?;
    let damaged = |_| ParseError::damaged("The EPUB is damaged: its list of chapters could not be read.");
    let book = Epub::options().skip_toc(true).open(path).map_err(damaged)?;
    if let Some(title) = book.metadata().title() {
        sink.title(title.value());
    }
    let mut reader = book.reader();
    let total = u32::try_from(reader.len()).ok();
    let mut done = 0;
    while let Some(chapter) = reader.read_next() {
        done += 1;
        match chapter {
            Ok(chapter) => {
                let mut sections = Sections::new(sink);
                html::read_fragment(&close_empty(chapter.content()), &mut sections)?;
                sections.finish()?;
            }
            Err(_) => sink.warn(None, format!("has a chapter that could not be read (number {done})")),
        }
        sink.progress(done, total)?;
    }
    Ok(())
}

/// Writes `<title/>` as `<title></title>`, and the others that HTML knows only with an end.
fn close_empty(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("/>") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        out.push_str(before);
        let tag = before.rfind('<').map(|start| &before[start + 1..]).unwrap_or_default();
        let name = tag.split_whitespace().next().unwrap_or_default();
        if EMPTY.contains(&name) {
            out.push_str("></");
            out.push_str(name);
            out.push('>');
        } else {
            out.push_str("/>");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_elements_do_not_swallow_the_chapter() {
        assert_eq!(
            close_empty("<title/><script src='a'/><br/><p>x</p>"),
            "<title></title><script src='a'></script><br/><p>x</p>"
        );
    }
}
