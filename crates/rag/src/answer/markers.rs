//! Citation markers in what a model wrote: `[1]`, `[2][3]`, `[1, 4]`.

use std::ops::Range;

/// A marker and the passages it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// Its place, brackets included.
    pub(super) range: Range<usize>,
    /// The numbers in it.
    pub(super) numbers: Vec<usize>,
}

/// The markers of a text, in order.
pub(super) fn find(text: &str) -> Vec<Marker> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find(['[', '【']).map(|at| from + at) {
        let width = text[open..].chars().next().map_or(1, char::len_utf8);
        let inside = open + width;
        from = inside;
        let Some(length) = text[inside..].find([']', '】']) else { break };
        let body = &text[inside..inside + length];
        if let Some(numbers) = numbers(body) {
            let close = text[inside + length..].chars().next().map_or(1, char::len_utf8);
            let end = inside + length + close;
            found.push(Marker { range: open..end, numbers });
            from = end;
        }
    }
    found
}

fn numbers(body: &str) -> Option<Vec<usize>> {
    let body = body.trim();
    let body = body.strip_prefix("passage ").or_else(|| body.strip_prefix("Passage ")).unwrap_or(body);
    if body.is_empty() || body.len() > 24 {
        return None;
    }
    let parts = body.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let parts: Option<Vec<usize>> = parts
        .map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?)
        .collect();
    // Four digits are a year.
    parts.filter(|numbers| !numbers.is_empty() && numbers.iter().all(|&number| number < 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_ways_models_cite() {
        let text = "One [1]. Two [2][3], three [1, 4] four 【5】 and [passage 2], not [a] nor [1987] nor [].";
        let numbers: Vec<_> = find(text).into_iter().map(|marker| marker.numbers).collect();
        assert_eq!(numbers, [vec![1], vec![2], vec![3], vec![1, 4], vec![5], vec![2]]);
    }
}
