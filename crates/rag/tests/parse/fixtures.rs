//! Small documents of every format, made on the spot.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

/// What stands on a page of a PDF.
pub(crate) enum Page<'a> {
    /// Lines of text, one below the other.
    Lines(&'a [&'a str]),
    /// One grey pixel, scaled up: a scan.
    Image,
    Blank,
}

/// A PDF with these pages and an outline of (title, page counted from 1).
pub(crate) fn pdf(pages: &[Page<'_>], outline: &[(&str, usize)]) -> Vec<u8> {
    let mut objects = vec![String::new(); 4];
    objects[2] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".into();
    objects[3] = stream(
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        "x",
    );
    let mut kids = Vec::new();
    for page in pages {
        let content = match page {
            Page::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| format!("({line}) Tj T*")).collect();
                format!("BT /F1 12 Tf 72 720 Td 14 TL\n{}\nET", lines.join("\n"))
            }
            Page::Image => "q 400 0 0 400 72 72 cm /Im1 Do Q".into(),
            Page::Blank => String::new(),
        };
        kids.push(objects.len() + 1);
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> /XObject << /Im1 4 0 R >> >> >>",
            objects.len() + 2
        ));
        objects.push(stream("", &content));
    }
    let root = objects.len() + 1;
    if !outline.is_empty() {
        let (first, last) = (root + 1, root + outline.len());
        objects.push(format!("<< /Type /Outlines /First {first} 0 R /Last {last} 0 R >>"));
        for (index, (title, page)) in outline.iter().enumerate() {
            let next = if index + 1 < outline.len() {
                format!("/Next {} 0 R", first + index + 1)
            } else {
                String::new()
            };
            let page = kids[page - 1];
            objects.push(format!("<< /Title ({title}) /Parent {root} 0 R /Dest [{page} 0 R /Fit] {next} >>"));
        }
    }
    let outlines = if outline.is_empty() { String::new() } else { format!("/Outlines {root} 0 R") };
    objects[0] = format!("<< /Type /Catalog /Pages 2 0 R {outlines} >>");
    let refs: Vec<String> = kids.iter().map(|kid| format!("{kid} 0 R")).collect();
    objects[1] = format!("<< /Type /Pages /Kids [{}] /Count {} >>", refs.join(" "), kids.len());
    write_pdf(&objects)
}

fn stream(entries: &str, content: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

fn write_pdf(objects: &[String]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
    }
    let start = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(out, "{offset:010} 00000 n ").unwrap();
    }
    let size = objects.len() + 1;
    write!(out, "trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").unwrap();
    out
}

/// A ZIP of these files.
pub(crate) fn zip<C: AsRef<[u8]>>(files: &[(&str, C)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_ref()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A Word document with this XML in its body.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    zip(&[
        ("[Content_Types].xml", content_types("/word/document.xml", "wordprocessingml.document")),
        ("_rels/.rels", relationships(&[("officeDocument", "word/document.xml")])),
        ("word/_rels/document.xml.rels", relationships(&[("styles", "styles.xml")])),
        (
            "word/styles.xml",
            format!(
                "<w:styles xmlns:w=\"{main}\"><w:style w:type=\"paragraph\" w:styleId=\"Heading1\">\
                 <w:name w:val=\"heading 1\"/></w:style></w:styles>"
            ),
        ),
        ("word/document.xml", format!("<w:document xmlns:w=\"{main}\"><w:body>{body}</w:body></w:document>")),
    ])
}

/// A Word paragraph; `style` is for example `Heading1`.
pub(crate) fn paragraph(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// A presentation with one slide for each text.
pub(crate) fn pptx(slides: &[&str]) -> Vec<u8> {
    let drawing = "http://schemas.openxmlformats.org/drawingml/2006/main";
    let main = "http://schemas.openxmlformats.org/presentationml/2006/main";
    let names: Vec<String> = (1..=slides.len()).map(|n| format!("slides/slide{n}.xml")).collect();
    let links: Vec<(&str, &str)> = names.iter().map(|name| ("slide", name.as_str())).collect();
    let ids: Vec<String> =
        (1..=slides.len()).map(|n| format!("<p:sldId id=\"{}\" r:id=\"rId{n}\"/>", 255 + n)).collect();
    let ids = ids.concat();
    let mut files = vec![
        (
            "[Content_Types].xml".to_owned(),
            content_types("/ppt/presentation.xml", "presentationml.presentation"),
        ),
        ("_rels/.rels".to_owned(), relationships(&[("officeDocument", "ppt/presentation.xml")])),
        (
            "ppt/presentation.xml".to_owned(),
            format!(
                "<p:presentation xmlns:p=\"{main}\" xmlns:r=\"{OFFICE}\"><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
            ),
        ),
        ("ppt/_rels/presentation.xml.rels".to_owned(), relationships(&links)),
    ];
    for (name, text) in names.iter().zip(slides) {
        files.push((
            format!("ppt/{name}"),
            format!(
                "<p:sld xmlns:p=\"{main}\" xmlns:a=\"{drawing}\"><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r>\
                 <a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
            ),
        ));
    }
    let files: Vec<(&str, &String)> = files.iter().map(|(name, xml)| (name.as_str(), xml)).collect();
    zip(&files)
}

fn content_types(part: &str, kind: &str) -> String {
    format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"{part}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}.main+xml\"/>\
         </Types>"
    )
}

fn relationships(targets: &[(&str, &str)]) -> String {
    let links: Vec<String> = targets
        .iter()
        .enumerate()
        .map(|(index, (kind, target))| {
            format!("<Relationship Id=\"rId{}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>", index + 1)
        })
        .collect();
    format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{}</Relationships>", links.concat())
}

/// An EPUB with these chapters, each the inside of a body.
pub(crate) fn epub(title: &str, chapters: &[&str]) -> Vec<u8> {
    let items: Vec<String> = (0..chapters.len())
        .map(|n| format!("<item id=\"c{n}\" href=\"c{n}.xhtml\" media-type=\"application/xhtml+xml\"/>"))
        .collect();
    let items = items.concat();
    let spine: Vec<String> = (0..chapters.len()).map(|n| format!("<itemref idref=\"c{n}\"/>")).collect();
    let spine = spine.concat();
    let package = format!(
        "<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\">\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:identifier id=\"id\">x</dc:identifier>\
         <dc:title>{title}</dc:title><dc:language>en</dc:language></metadata>\
         <manifest>{items}</manifest><spine>{spine}</spine></package>"
    );
    let container = "<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles>\
                     <rootfile full-path=\"p.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>";
    let mut files = vec![
        ("mimetype".to_owned(), "application/epub+zip".to_owned()),
        ("META-INF/container.xml".to_owned(), container.to_owned()),
        ("p.opf".to_owned(), package),
    ];
    for (n, chapter) in chapters.iter().enumerate() {
        let page = format!(
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title/></head><body>{chapter}</body></html>"
        );
        files.push((format!("c{n}.xhtml"), page));
    }
    let files: Vec<(&str, &String)> = files.iter().map(|(name, text)| (name.as_str(), text)).collect();
    zip(&files)
}
