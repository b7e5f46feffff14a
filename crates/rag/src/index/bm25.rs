//! BM25, split into a passage's part and a question's part.
//!
//! The score of a passage is the sum over the question's terms of
//! `query weight × inverse document frequency × passage weight`. The passage's part does not
//! depend on other passages, so it can be stored; the question's part needs only counts.

/// How soon repeats of a term stop to count.
const K1: f32 = 1.2;
/// How much a passage's length counts against it.
const B: f32 = 0.75;
/// The length in terms that neither gains nor loses. Chunks are cut to one size, so this is a
/// constant: a passage's weights then never change when other documents come and go.
const USUAL_LENGTH: f32 = 110.0;

/// A passage's part for a term it holds `count` times among `length` terms.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts below 2^24 are exact, and above the logarithm hides it"
)]
pub fn passage_weight(count: u32, length: u32) -> f32 {
    let count = count as f32;
    count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length as f32 / USUAL_LENGTH))
}

/// How much it tells to find a term that `holding` of `all` passages hold. Never negative.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts below 2^24 are exact, and above the logarithm hides it"
)]
pub fn inverse_frequency(all: usize, holding: usize) -> f32 {
    let (all, holding) = (all as f32, holding as f32);
    (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_count_less_and_less_and_length_counts_against() {
        let once = passage_weight(1, 100);
        let twice = passage_weight(2, 100);
        assert!(once < twice && twice < 2.0 * once);
        assert!(passage_weight(1, 200) < once);
        assert!(passage_weight(1000, 1000) < K1 + 1.0);
    }

    #[test]
    fn a_rare_term_tells_more() {
        assert!(inverse_frequency(1000, 1) > inverse_frequency(1000, 100));
        assert!(inverse_frequency(1000, 1000) > 0.0);
    }
}
