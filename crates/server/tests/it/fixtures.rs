//! Documents made on the spot.

use std::fmt::Write as _;

/// What a client asks of [`HABITS`].
pub(crate) const FIRST_HOUR: &str = "What does Mira say about the first hour of the day?";
/// Three paragraphs under headings.
pub(crate) const HABITS: &str = "# Mornings\n\n\
    The first hour of the day belongs to the mind. Mira gives it to reading, before the newspaper and before any message.\n\n\
    # Evenings\n\n\
    The last hour of the day is for looking back. Write down what went well and what you will try tomorrow.\n\n\
    # Setbacks\n\n\
    A habit that broke is not lost. Begin again at the next meal, not at the next Monday.\n";

/// A PDF with these lines on each page.
pub(crate) fn pdf(pages: &[&[&str]]) -> Vec<u8> {
    let mut objects = vec![
        String::new(),
        String::new(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut kids = String::new();
    for lines in pages {
        let mut content = "BT /F1 12 Tf 72 720 Td 14 TL\n".to_owned();
        for line in *lines {
            let _ = writeln!(content, "({line}) Tj T*");
        }
        content += "ET";
        let page = objects.len() + 1;
        let _ = write!(kids, "{page} 0 R ");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            page + 1
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    objects[0] = "<< /Type /Catalog /Pages 2 0 R >>".into();
    objects[1] = format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len());
    let mut out = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = out.len();
    let _ = write!(
        out,
        "{table}trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    out.into_bytes()
}

/// A Markdown book of so many sections, no two alike. About two chunks a section.
pub(crate) fn book(title: &str, sections: usize) -> String {
    let mut text = format!("# {title}\n\n");
    for section in 0..sections {
        let _ = write!(text, "## {title}, exercise {section}\n\n");
        for step in 0..12 {
            let _ = write!(
                text,
                "Step {step} of exercise {section} in {title}: row {} strokes, rest for {} breaths, and write one \
                 sentence about how steady the boat was. ",
                section * 7 + step * 3 + 5,
                section + step + 2
            );
        }
        text += "\n\n";
    }
    text
}
