//! The list of an answer's sources, folded so that it does not push the answer away.

use super::{
    rich::{Rich, Style},
    split::{LIMIT, split},
};
use crate::road::sources::{QUOTE_AT_MOST, Sources, quoted};

/// The parts of an answer with its sources below the last of them, or in parts of their own where that is full.
pub(super) fn below(mut parts: Vec<Rich>, sources: &Sources) -> Vec<Rich> {
    const GAP: &str = "\n\n";
    let below = list(sources);
    match parts.last_mut() {
        Some(last) if last.units() + GAP.len() + below.units() <= LIMIT => {
            last.push(&Style::default(), GAP);
            for run in &below.runs {
                last.push(&run.style, &run.text);
            }
        }
        _ => parts.extend(split(&below, LIMIT)),
    }
    parts
}

fn list(sources: &Sources) -> Rich {
    let folded = Style { folded: true, ..Style::default() };
    let mut rich = Rich::default();
    rich.push(&Style { bold: true, ..Style::default() }, sources.heading);
    rich.push(&Style::default(), "\n");
    for (number, source) in sources.places.iter().enumerate() {
        rich.push(&folded, if number > 0 { "\n" } else { "" });
        rich.push(&folded, &format!("{} ", source.marks));
        rich.push(&Style { link: source.url.clone(), ..folded.clone() }, &source.title);
        for quote in &source.quotes {
            rich.push(&folded, &format!("\n{}", quoted(quote, QUOTE_AT_MOST)));
        }
    }
    rich
}

#[cfg(test)]
mod tests {
    use coxswain_domain::citation::Citation;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        road::{
            phrases::Language,
            sources::tests::{any_sources, citation},
        },
        telegram::{format::parse, rich::visible, split::tests::balanced},
    };

    fn sources() -> Sources {
        let url = Some("https://mira.example/?a=1&b=2".to_owned());
        let citations = [
            Citation { url: url.clone(), ..citation(1, "Row <b>well</b>", Some(12), "5 < 6 & \"easy\".") },
            citation(2, "Rest", None, "Sleep."),
            Citation { url, ..citation(3, "Row <b>well</b>", Some(12), "Breathe.") },
        ];
        Sources::of(&citations, Language::English).unwrap()
    }

    fn written(markdown: &str, sources: &Sources) -> Vec<String> {
        below(split(&parse(markdown), LIMIT), sources).iter().map(Rich::html).collect()
    }

    #[test]
    fn the_list_is_folded_and_nothing_in_it_is_obeyed() {
        let html = written("> Row.\n\nRest [1].", &sources());
        let expected = "<blockquote>Row.</blockquote>\n\nRest [1].\n\n<b>Sources</b>\n<blockquote expandable>[1] [3] \
            <a href=\"https://mira.example/?a=1&amp;b=2\">Row &lt;b&gt;well&lt;/b&gt;, page 12</a>\n\
            “5 &lt; 6 &amp; &quot;easy&quot;.”\n“Breathe.”\n[2] Rest\n“Sleep.”</blockquote>";
        assert_eq!(html, [expected]);
    }

    #[test]
    fn without_its_markup_it_can_still_be_read() {
        let html = written("Rest [2].", &sources());
        let plain = "Rest [2].\n\nSources\n[1] [3] Row <b>well</b>, page 12\n“5 < 6 & \"easy\".”\n“Breathe.”\n[2] Rest\n“Sleep.”";
        assert_eq!(visible(&html[0]), plain);
    }

    #[test]
    fn where_the_last_part_is_full_the_list_is_a_part_of_its_own() {
        let html = written(&"x".repeat(LIMIT - 20), &sources());
        assert_eq!(html.len(), 2);
        assert!(html[1].starts_with("<b>Sources</b>\n<blockquote expandable>[1] [3] "), "{}", html[1]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_part_fits_and_is_whole_and_the_answer_is_as_without(
            text in "[a-z😀.\n ]{0,9000}", sources in any_sources(),
        ) {
            let alone = split(&parse(&text), LIMIT);
            let html = written(&text, &sources);
            for part in &html {
                balanced(part).map_err(TestCaseError::fail)?;
                prop_assert!(visible(part).encode_utf16().count() <= LIMIT);
            }
            let all: String = html.iter().map(|part| visible(part)).collect();
            let answer: String = alone.iter().map(Rich::visible).collect();
            prop_assert!(all.starts_with(&answer));
            for source in &sources.places {
                prop_assert!(all.contains(&source.marks));
            }
        }
    }
}
