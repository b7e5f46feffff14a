use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn chunk(n: u32) -> ChunkId {
    ChunkId(Uuid::from_u128(n.into()))
}

fn version(n: u32) -> VersionId {
    VersionId(Uuid::from_u128(n.into()))
}

fn base(n: u32) -> KnowledgeBaseId {
    KnowledgeBaseId(Uuid::from_u128(n.into()))
}

fn point(n: u32, terms: &str, vector: [f32; 2]) -> Point {
    Point { chunk: chunk(n), ordinal: n.into(), terms: terms.into(), vector: vector.to_vec() }
}

fn asked(terms: &str) -> Vec<TermWeight> {
    terms.split(' ').map(|term| TermWeight { term: term.into(), weight: 1.0 }).collect()
}

/// Points of a made-up version: words from a small vocabulary, vectors on a circle.
fn points(seed: u32) -> Vec<Point> {
    let words = ["row", "rest", "oar", "boat", "crew", "pace"];
    (0..seed % 7)
        .map(|n| {
            let mix = seed.wrapping_mul(31).wrapping_add(n * 17);
            let terms: Vec<_> = (0..=mix % 5).map(|w| words[((mix >> w) % 6) as usize]).collect();
            let angle = f32::from(u16::try_from(mix % 360).unwrap()).to_radians();
            point(mix, &terms.join(" "), [angle.cos(), angle.sin()])
        })
        .collect()
}

#[test]
fn bases_narrow_the_search_but_not_the_frequencies() {
    let mut snapshot = Snapshot::new(2);
    let (a, b) = (base(1), base(2));
    let all = [(version(1), a), (version(2), b)];
    assert_eq!(snapshot.retain(&all).len(), 2);
    snapshot.append(version(1), a, &[point(1, "row rest", [1.0, 0.0])]).unwrap();
    snapshot.append(version(2), b, &[point(2, "row row", [0.0, 1.0])]).unwrap();
    let everywhere = snapshot.lexical(&[], &asked("row"), 5);
    let narrow = snapshot.lexical(&[b], &asked("row"), 5);
    assert_eq!(everywhere.len(), 2);
    assert_eq!(narrow, [everywhere[0]]);
    assert_eq!(snapshot.dense(&[a], &[0.0, 1.0], 5), [Candidate { chunk: chunk(1), score: 0.0 }]);
}

#[test]
fn a_vector_of_another_model_is_refused() {
    let mut snapshot = Snapshot::new(3);
    assert!(snapshot.append(version(1), base(1), &[point(1, "row", [1.0, 0.0])]).is_err());
}

proptest! {
    /// However versions came and went, a search finds what a fresh copy would find.
    #[test]
    fn history_leaves_no_trace(steps in proptest::collection::vec(proptest::collection::btree_set(1u32..9, 0..6), 1..8)) {
        let mut lived = Snapshot::new(2);
        for step in &steps {
            let findable: Vec<_> = step.iter().map(|&n| (version(n), base(n % 2))).collect();
            for (missing, home) in lived.retain(&findable) {
                let seed = step.iter().copied().find(|&n| version(n) == missing).unwrap();
                lived.append(missing, home, &points(seed)).unwrap();
            }
        }
        let last = steps.last().unwrap();
        let mut fresh = Snapshot::new(2);
        for &n in last {
            fresh.append(version(n), base(n % 2), &points(n)).unwrap();
        }
        let scores = |found: Vec<Candidate>| found.into_iter().map(|candidate| (candidate.score * 1e4).round()).collect::<Vec<_>>();
        prop_assert_eq!(scores(lived.dense(&[], &[0.6, 0.8], 50)), scores(fresh.dense(&[], &[0.6, 0.8], 50)));
        for words in ["row", "oar boat", "crew pace rest"] {
            prop_assert_eq!(scores(lived.lexical(&[], &asked(words), 50)), scores(fresh.lexical(&[], &asked(words), 50)));
        }
    }
}
