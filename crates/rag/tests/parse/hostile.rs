//! Files that are broken, locked, empty, mislabelled or built to do harm.

use coxswain_rag::parse::Limits;

use super::fixtures::{self, Page};
use super::{Test, code, parser, read, read_with};

pub(crate) fn trials() -> Vec<Test> {
    vec![
        ("mislabelled_files_are_refused", mislabelled_files_are_refused),
        ("files_without_text_are_refused", files_without_text_are_refused),
        ("damaged_files_are_refused", damaged_files_are_refused),
        ("archives_that_explode_are_refused", archives_that_explode_are_refused),
        ("archives_that_reach_out_are_refused", archives_that_reach_out_are_refused),
        ("too_much_is_refused", too_much_is_refused),
        ("memory_has_a_ceiling", memory_has_a_ceiling),
        ("processor_time_has_a_ceiling", processor_time_has_a_ceiling),
    ]
}

fn one_page() -> Vec<u8> {
    fixtures::pdf(&[Page::Lines(&["Words."])], &[])
}

fn mislabelled_files_are_refused() {
    assert_eq!(code(read("a.docx", &one_page())), "wrong_extension");
    assert_eq!(code(read("a.pptx", &fixtures::docx(""))), "wrong_extension");
    assert_eq!(code(read("a.epub", &fixtures::zip(&[("a.txt", "hi")]))), "wrong_extension");
    assert_eq!(code(read("a.xlsx", &fixtures::zip(&[("xl/workbook.xml", "<x/>")]))), "unsupported_format");
    assert_eq!(code(read("a.txt", &[0; 3_000])), "wrong_extension");
}

fn files_without_text_are_refused() {
    assert_eq!(code(read("a.docx", b"")), "no_text");
    assert_eq!(code(read("a.txt", b"  \n\n \t ")), "no_text");
    assert_eq!(code(read("a.docx", &fixtures::docx(&fixtures::paragraph("Normal", " ")))), "no_text");
    let error = read("a.pdf", &fixtures::pdf(&[Page::Image], &[])).unwrap_err();
    assert!(error.to_string().contains("images"), "{error}");
}

fn damaged_files_are_refused() {
    assert_eq!(code(read("a.pdf", b"%PDF-1.7\n")), "damaged");
    let docx = fixtures::docx(&fixtures::paragraph("Normal", "Words."));
    assert_eq!(code(read("a.docx", &docx[..docx.len() / 2])), "damaged");
    assert_eq!(code(read("a.docx", &fixtures::docx("<w:p><w:r"))), "damaged");
}

fn archives_that_explode_are_refused() {
    let bomb = fixtures::paragraph("Normal", &"a ".repeat(4 << 20));
    assert_eq!(code(read("a.docx", &fixtures::docx(&bomb))), "unsafe");
    let names: Vec<String> = (0..10_100).map(|n| format!("word/{n}.xml")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(code(read("a.docx", &fixtures::zip(&files))), "unsafe");
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>";
    assert_eq!(code(read("a.docx", &fixtures::zip(&[("word/document.xml", laughs)]))), "unsafe");
}

fn archives_that_reach_out_are_refused() {
    for name in ["../../etc/passwd", "/etc/passwd", "word\\..\\..\\x", "C:\\x"] {
        let files = [("word/document.xml", "<x/>"), (name, "x")];
        assert_eq!(code(read("a.docx", &fixtures::zip(&files))), "unsafe", "{name}");
    }
    let entity = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>";
    assert_eq!(code(read("a.docx", &fixtures::zip(&[("word/document.xml", entity)]))), "unsafe");
}

fn too_much_is_refused() {
    let default = Limits::default;
    let few = parser(Limits { pages: 2, ..default() });
    let page = Page::Lines(&["Words."]);
    let three = fixtures::pdf(&[page, Page::Blank, Page::Blank], &[]);
    assert_eq!(code(read_with(&few, "a.pdf", &three)), "too_large");
    let short = parser(Limits { characters: 100, ..default() });
    assert_eq!(code(read_with(&short, "a.txt", "words ".repeat(40).as_bytes())), "too_large");
    let small = parser(Limits { file_bytes: 10, ..default() });
    assert_eq!(code(read_with(&small, "a.txt", b"eleven bytes")), "too_large");
    let rows = parser(Limits { parts: 3, ..default() });
    assert_eq!(code(read_with(&rows, "a.csv", "q,a\n".repeat(9).as_bytes())), "too_large");
}

fn memory_has_a_ceiling() {
    let tight = parser(Limits { memory_bytes: 160 << 20, ..Limits::default() });
    let much = "words and more words\n\n".repeat(4 << 20);
    assert_eq!(code(read_with(&tight, "a.txt", much.as_bytes())), "out_of_memory");
    // The next document is not affected.
    assert_eq!(read_with(&tight, "b.txt", b"words").unwrap().text(), "words");
}

fn processor_time_has_a_ceiling() {
    let limits = Limits { cpu_seconds: 1, parts: u64::MAX, characters: u64::MAX, ..Limits::default() };
    let rows = "a question?,an answer\n".repeat(6 << 20);
    assert_eq!(code(read_with(&parser(limits), "a.csv", rows.as_bytes())), "out_of_time");
}
