//! SRT and WebVTT: cues merged into stretches of about a minute, each with its times.

use coxswain_domain::document::Part;

use super::super::sink::Sink;
use super::super::{ParseError, clean};

/// A part is closed at the end of a sentence once it spans this long, in milliseconds.
const SPAN: u64 = 60_000;
/// A part is closed at the latest when it spans this long, in milliseconds.
const LONGEST: u64 = 90_000;

/// One cue: when it is shown, and its lines.
#[derive(Debug, PartialEq, Eq)]
struct Cue {
    start: u64,
    end: u64,
    lines: Vec<String>,
}

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut part = Part::default();
    let mut previous: Vec<String> = Vec::new();
    for cue in cues(text) {
        let start = part.start_ms.unwrap_or(cue.start);
        let full = cue.end.saturating_sub(start) > LONGEST;
        let sentence = part.end_ms.unwrap_or(start).saturating_sub(start) >= SPAN
            && part.text.ends_with(['.', '!', '?', '…', '。', '؟']);
        if !part.text.is_empty() && (full || sentence || cue.start < start) {
            sink.part(std::mem::take(&mut part))?;
        }
        // Rolling captions repeat the last line above the new one.
        let new = cue.lines.iter().filter(|line| !previous.contains(line));
        for line in new {
            clean::join(&mut part.text, line);
        }
        part.start_ms.get_or_insert(cue.start);
        part.end_ms = Some(part.end_ms.unwrap_or_default().max(cue.end));
        previous = cue.lines;
    }
    sink.part(part)
}

/// The cues of a file, in its order. What is not a cue (header, notes, styles) has no time line.
fn cues(text: &str) -> impl Iterator<Item = Cue> + '_ {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        loop {
            let Some((start, end)) = times(lines.next()?) else { continue };
            let mut words = Vec::new();
            // A file with a blank line forgotten goes on with the next cue's time.
            while let Some(line) = lines.next_if(|line| !line.trim().is_empty() && times(line).is_none()) {
                words.push(plain(line));
            }
            let runs_on = lines.peek().is_some_and(|line| times(line).is_some());
            if runs_on && words.last().is_some_and(|line| line.bytes().all(|b| b.is_ascii_digit())) {
                words.pop();
            }
            words.retain(|line| !line.is_empty());
            return Some(Cue { start, end: end.max(start), lines: words });
        }
    })
}

/// `00:01:02,500 --> 00:01:04.000 align:start` in milliseconds.
fn times(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    Some((time(start.trim())?, time(rest.split_whitespace().next()?)?))
}

/// `[hh:]mm:ss[.,]mmm` in milliseconds.
fn time(text: &str) -> Option<u64> {
    let (clock, fraction) = text.rsplit_once([',', '.']).unwrap_or((text, "0"));
    let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let mut seconds = 0_u64;
    let fields: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&fields.len()) {
        return None;
    }
    for field in fields {
        seconds = seconds.checked_mul(60)?.checked_add(field.parse().ok()?)?;
    }
    seconds.checked_mul(1000)?.checked_add(millis)
}

/// The words of a line: tags dropped, a voice tag's speaker kept.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, tagged)) = rest.split_once('<') {
        out.push_str(before);
        let Some((tag, after)) = tagged.split_once('>') else {
            out.push('<');
            rest = tagged;
            continue;
        };
        let voice = tag.strip_prefix('v').filter(|name| name.starts_with([' ', '.', '\t']));
        if let Some((_, speaker)) = voice.and_then(|voice| voice.split_once([' ', '\t'])) {
            out.push_str(speaker);
            out.push_str(": ");
        }
        rest = after;
    }
    out.push_str(rest);
    let out = out.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    clean::line(&out.replace("{\\an8}", "").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::super::super::sink::collect;
    use super::*;

    #[test]
    fn webvtt_with_header_notes_and_voices_is_read() {
        let text = "WEBVTT - talk\n\nNOTE a --> is no time\n\nintro\n00:01.500 --> 00:04.000 align:start\n\
                    <v Mira>Breathe &amp; <i>slowly</i>.\n\n00:05.000 --> 00:06.250\nAgain.\n";
        let (_, parts) = collect(|sink| read(text, sink)).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].text, "Mira: Breathe & slowly. Again.");
        assert_eq!((parts[0].start_ms, parts[0].end_ms), (Some(1_500), Some(6_250)));
    }

    #[test]
    fn an_hour_is_cut_into_minutes_at_sentences() {
        let mut text = String::new();
        for n in 0..720_u64 {
            let (m, s) = (n * 5 / 60, n * 5 % 60);
            let _ = write!(text, "{n}\n00:{m:02}:{s:02},000 --> 00:{m:02}:{s:02},900\nword{n}.\n\n");
        }
        let (_, parts) = collect(|sink| read(&text, sink)).unwrap();
        assert!((40..=60).contains(&parts.len()), "{}", parts.len());
        for part in &parts {
            let span = part.end_ms.unwrap() - part.start_ms.unwrap();
            assert!(span <= LONGEST, "{span}");
        }
    }

    #[test]
    fn rolling_captions_are_said_once() {
        let text = "1\n00:00:00,000 --> 00:00:02,000\nfirst line\n\n2\n00:00:02,000 --> 00:00:04,000\n\
                    first line\nsecond line\n";
        let (_, parts) = collect(|sink| read(text, sink)).unwrap();
        assert_eq!(parts[0].text, "first line second line");
    }

    proptest! {
        #[test]
        fn every_word_is_kept(cues in proptest::collection::vec((0_u64..9_000_000, 1_u64..9_000, "[a-z]{2,8}( [a-z]{2,8}){0,3}"), 1..40)) {
            let mut text = String::new();
            let mut expected = Vec::new();
            let mut last = String::new();
            for (n, (start, length, words)) in cues.iter().enumerate() {
                if *words == last { continue; }
                last.clone_from(words);
                let stamp = |t: u64| format!("{:02}:{:02}:{:02},{:03}", t / 3_600_000, t / 60_000 % 60, t / 1000 % 60, t % 1000);
                let _ = write!(text, "{n}\n{} --> {}\n{words}\n\n", stamp(*start), stamp(start + length));
                expected.extend(words.split(' ').map(str::to_owned));
            }
            let (_, parts) = collect(|sink| read(&text, sink)).unwrap();
            let found: Vec<String> = parts.iter().flat_map(|part| part.text.split(' ').map(str::to_owned)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_text_is_survived(text in "[0-9:,.<>v&; \\-\n]{0,300}") {
            let _ = collect(|sink| read(&text, sink));
        }
    }
}
