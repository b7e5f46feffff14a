//! The best few of many scores.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A place and its score, ordered by score, then by place, so that ties have one order.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scored(f32, u32);

impl Eq for Scored {}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

/// Keeps the `k` places with the highest scores.
pub(super) struct Top {
    k: usize,
    heap: BinaryHeap<Reverse<Scored>>,
    /// A score must be above this to be kept; saves most pushes.
    bar: f32,
}

impl Top {
    pub(super) fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::with_capacity(k + 1), bar: f32::NEG_INFINITY }
    }

    pub(super) fn offer(&mut self, place: u32, score: f32) {
        if self.k == 0 || score <= self.bar {
            return;
        }
        self.heap.push(Reverse(Scored(score, place)));
        if self.heap.len() > self.k {
            self.heap.pop();
        }
        if self.heap.len() == self.k {
            self.bar = self.heap.peek().map_or(f32::NEG_INFINITY, |worst| worst.0.0);
        }
    }

    /// Places and scores, best first.
    pub(super) fn into_sorted(self) -> Vec<(u32, f32)> {
        self.heap.into_sorted_vec().into_iter().map(|Reverse(Scored(score, place))| (place, score)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn is_the_head_of_the_sorted_list(scores in proptest::collection::vec(-5i8..5, 0..60), k in 0usize..12) {
            let mut top = Top::new(k);
            let mut all: Vec<(u32, f32)> = (0..).zip(scores.iter().map(|&score| f32::from(score))).collect();
            for &(place, score) in &all {
                top.offer(place, score);
            }
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.truncate(k);
            proptest::prop_assert_eq!(top.into_sorted(), all);
        }
    }
}
