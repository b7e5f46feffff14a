//! Every format, read as it should be.

use coxswain_rag::parse::{Limits, Warning};

use super::fixtures::{self, Page};
use super::{Test, block_on, parser, read, read_with};

pub(crate) fn trials() -> Vec<Test> {
    vec![
        ("pdf_keeps_pages_paragraphs_and_outline", pdf_keeps_pages_paragraphs_and_outline),
        ("pdf_names_the_pages_it_cannot_read", pdf_names_the_pages_it_cannot_read),
        ("pdf_of_1600_pages_streams_in_little_memory", pdf_of_1600_pages_streams_in_little_memory),
        ("pdf_page_is_drawn_at_the_width_asked_for", pdf_page_is_drawn_at_the_width_asked_for),
        ("docx_keeps_headings_and_tables", docx_keeps_headings_and_tables),
        ("pptx_has_a_part_for_each_slide", pptx_has_a_part_for_each_slide),
        ("epub_follows_the_spine", epub_follows_the_spine),
        ("texts_and_tables_are_read", texts_and_tables_are_read),
    ]
}

fn pdf_keeps_pages_paragraphs_and_outline() {
    let pages = [
        Page::Lines(&[
            "The first hour of the day is the",
            "rudder of the day, and a good exam-",
            "ple for the rest.",
        ]),
        Page::Blank,
        Page::Lines(&["Sleep is training."]),
    ];
    let pdf = fixtures::pdf(&pages, &[("Mornings", 1), ("Nights", 3)]);
    let read = read("habits.pdf", &pdf).unwrap();
    assert_eq!(read.document.pages_total, Some(3));
    assert_eq!(read.document.warnings, []);
    assert_eq!(read.progress, [1, 2, 3]);
    assert_eq!(read.parts.len(), 2);
    assert_eq!(
        read.parts[0].text,
        "The first hour of the day is the rudder of the day, and a good example for the rest."
    );
    assert_eq!((read.parts[0].page, read.parts[0].heading.as_deref()), (Some(1), Some("Mornings")));
    assert_eq!((read.parts[1].page, read.parts[1].heading.as_deref()), (Some(3), Some("Nights")));
}

fn pdf_names_the_pages_it_cannot_read() {
    let pages = [Page::Lines(&["Words."]), Page::Image, Page::Lines(&["More words."])];
    let read = read("scan.pdf", &fixtures::pdf(&pages, &[])).unwrap();
    assert_eq!(read.parts.len(), 2);
    let warning = Warning { page: Some(2), reason: "holds only an image".to_owned() };
    assert_eq!(read.document.warnings, [warning]);
}

fn pdf_of_1600_pages_streams_in_little_memory() {
    let line = "A page of a long book, with words enough to fill a line.";
    let lines = [line; 40];
    let pages: Vec<Page<'_>> = (0..1_600).map(|_| Page::Lines(&lines)).collect();
    let limits = Limits { memory_bytes: 512 << 20, ..Limits::default() };
    let read = read_with(&parser(limits), "long.pdf", &fixtures::pdf(&pages, &[])).unwrap();
    assert_eq!(read.parts.len(), 1_600);
    assert_eq!(read.parts[1_599].page, Some(1_600));
    let peak = read.document.peak_memory_kib.expect("Linux tells");
    assert!(peak < 128 << 10, "{peak} KiB");
}

fn pdf_page_is_drawn_at_the_width_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, fixtures::pdf(&[Page::Lines(&["Black on white."])], &[])).unwrap();
    let parser = parser(Limits::default());
    let png = block_on(parser.render_page(&path, 1, 1200)).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    assert_eq!((reader.info().width, reader.info().height), (1200, 1553));
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    assert_eq!(pixels[0], 255, "the paper is white");
    assert!(pixels.iter().any(|&pixel| pixel < 100), "the letters are black");
    assert_eq!(block_on(parser.render_page(&path, 2, 300)).unwrap_err().code(), "damaged");
}

fn docx_keeps_headings_and_tables() {
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", fixtures::paragraph("Normal", text));
    let body = [
        fixtures::paragraph("Heading1", "Sleep"),
        fixtures::paragraph("Normal", "Seven to nine hours."),
        format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell("Age"), cell("Hours")),
        fixtures::paragraph("Heading1", "Food"),
        fixtures::paragraph("Normal", "Mostly plants."),
    ];
    let read = read("a.docx", &fixtures::docx(&body.concat())).unwrap();
    assert_eq!(read.parts.len(), 2);
    assert_eq!(read.parts[0].heading.as_deref(), Some("Sleep"));
    assert_eq!(read.parts[0].text, "Sleep\n\nSeven to nine hours.\nAge | Hours");
    assert_eq!(read.parts[1].text, "Food\n\nMostly plants.");
}

fn pptx_has_a_part_for_each_slide() {
    let read = read("a.pptx", &fixtures::pptx(&["Breathe in", "Breathe out"])).unwrap();
    let parts: Vec<_> = read.parts.iter().map(|part| (part.page, part.text.as_str())).collect();
    assert_eq!(parts, [(Some(1), "Breathe in"), (Some(2), "Breathe out")]);
    assert_eq!(read.document.pages_total, Some(2));
}

fn epub_follows_the_spine() {
    let book =
        fixtures::epub("Of Rest", &["<h1>One</h1><p>Rise early.</p>", "<h1>Two</h1><p>Rest late.</p>"]);
    let read = read("a.epub", &book).unwrap();
    assert_eq!(read.document.title.as_deref(), Some("Of Rest"));
    assert_eq!(read.text(), "One\n\nRise early.\n\nTwo\n\nRest late.");
    assert_eq!(read.parts[1].heading.as_deref(), Some("Two"));
}

fn texts_and_tables_are_read() {
    let text = |name: &str, content: &str| read(name, content.as_bytes()).unwrap().text();
    assert_eq!(text("a.txt", "one\ntwo\n"), "one\ntwo");
    assert_eq!(text("a.md", "# Hi\n\n*there*\n"), "Hi\n\nthere");
    assert_eq!(text("a.html", "<h1>Hi</h1><p>there</p>"), "Hi\n\nthere");
    assert_eq!(text("a.csv", "answer,question\nA lot.,How much?\n"), "How much?\nA lot.");
    assert_eq!(text("a.srt", "1\n00:00:00,000 --> 00:00:01,000\nHi.\n"), "Hi.");
    assert_eq!(text("a.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHi.\n"), "Hi.");
}
