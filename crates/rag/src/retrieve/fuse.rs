//! Fusion: two lists of candidates become one.

use std::collections::HashMap;

use coxswain_domain::{ChunkId, ports::Candidate};

/// Share of the lexical score. On the benchmark sets everything from .2 to .35 is better than
/// either list and than reciprocal rank fusion; this is the middle of the flat part.
const LEXICAL_SHARE: f32 = 0.3;

/// A candidate with the scores it was found by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fused {
    /// The chunk.
    pub chunk: ChunkId,
    /// The fused score, 0 to 1; comparable for one question only.
    pub score: f32,
    /// Cosine similarity to the question, when the dense search found it.
    pub dense: Option<f32>,
    /// BM25, when the lexical search found it.
    pub lexical: Option<f32>,
}

/// One list from two, best first.
///
/// Cosine similarity is comparable between questions and kept as it is. BM25 grows with the
/// length of the question, so it is divided by the question's best. Adding scores instead of
/// ranks keeps what ranks lose: by how much the best is better.
pub fn fuse(dense: &[Candidate], lexical: &[Candidate]) -> Vec<Fused> {
    let best = lexical.first().map_or(1.0, |candidate| candidate.score).max(f32::EPSILON);
    // What the dense search did not list is at most as near as the last it listed.
    let unlisted = dense.last().map_or(0.0, |candidate| candidate.score);
    let mut found: HashMap<ChunkId, (Option<f32>, Option<f32>)> = HashMap::new();
    for candidate in dense {
        found.entry(candidate.chunk).or_default().0 = Some(candidate.score);
    }
    for candidate in lexical {
        found.entry(candidate.chunk).or_default().1 = Some(candidate.score);
    }
    let mut fused: Vec<Fused> = found
        .into_iter()
        .map(|(chunk, (dense, lexical))| {
            let near = dense.unwrap_or(unlisted).clamp(0.0, 1.0);
            let worded = lexical.map_or(0.0, |score| score / best);
            let score = (1.0 - LEXICAL_SHARE) * near + LEXICAL_SHARE * worded;
            Fused { chunk, score, dense, lexical }
        })
        .collect();
    fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
    fused
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn list(scores: &[(u128, f32)]) -> Vec<Candidate> {
        scores.iter().map(|&(id, score)| Candidate { chunk: ChunkId(Uuid::from_u128(id)), score }).collect()
    }

    fn order(fused: &[Fused]) -> Vec<u128> {
        fused.iter().map(|fused| fused.chunk.0.as_u128()).collect()
    }

    #[test]
    fn found_by_both_beats_found_by_one() {
        let fused = fuse(&list(&[(1, 0.6), (2, 0.58)]), &list(&[(2, 9.0), (3, 8.0)]));
        assert_eq!(order(&fused), [2, 3, 1]);
        assert_eq!((fused[0].dense, fused[0].lexical), (Some(0.58), Some(9.0)));
    }

    #[test]
    fn one_empty_list_leaves_the_order_of_the_other() {
        let some = list(&[(1, 0.9), (2, 0.5), (3, 0.2)]);
        assert_eq!(order(&fuse(&some, &[])), [1, 2, 3]);
        assert_eq!(order(&fuse(&[], &some)), [1, 2, 3]);
        assert!(fuse(&[], &[]).is_empty());
    }

    #[test]
    fn the_scale_of_bm25_does_not_matter() {
        let dense = list(&[(1, 0.6), (2, 0.5)]);
        let short = fuse(&dense, &list(&[(2, 3.0), (1, 1.0)]));
        let long = fuse(&dense, &list(&[(2, 30.0), (1, 10.0)]));
        assert_eq!(
            short.iter().map(|fused| fused.score).collect::<Vec<_>>(),
            long.iter().map(|fused| fused.score).collect::<Vec<_>>()
        );
    }
}
