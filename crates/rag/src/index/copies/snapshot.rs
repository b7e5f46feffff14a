//! What one creator's index holds, in memory: exact, and complete for one generation.

use std::collections::{HashMap, HashSet};

use coxswain_domain::ports::{Candidate, TermWeight};
use coxswain_domain::{ChunkId, KnowledgeBaseId, VersionId};
use coxswain_store::chunks::Point;

use super::lexicon::{Lexicon, Posting};
use crate::index::bm25;
use crate::index::top::Top;

/// A version some slots belong to. A retired one keeps its slots until the next compaction.
struct Held {
    id: VersionId,
    base: KnowledgeBaseId,
    live: bool,
    /// Whether every chunk had its vector; otherwise it is read again with the next generation.
    whole: bool,
    slots: usize,
}

/// Chunks in slots, their vectors side by side, and the words they hold.
pub(in crate::index) struct Snapshot {
    /// The generation this is complete for; less than any at first.
    pub(in crate::index) generation: i64,
    dimension: usize,
    versions: Vec<Held>,
    chunks: Vec<ChunkId>,
    /// For each slot, its version's place in `versions`.
    owners: Vec<u32>,
    /// For each slot, its length in terms.
    lengths: Vec<u32>,
    vectors: Vec<f32>,
    lexicon: Lexicon,
}

impl Snapshot {
    pub(in crate::index) fn new(dimension: u32) -> Self {
        Self {
            generation: -1,
            dimension: dimension as usize,
            versions: Vec::new(),
            chunks: Vec::new(),
            owners: Vec::new(),
            lengths: Vec::new(),
            vectors: Vec::new(),
            lexicon: Lexicon::default(),
        }
    }

    /// Slots, those of retired versions included: what a search has to look at.
    pub(in crate::index) fn slots(&self) -> usize {
        self.chunks.len()
    }

    /// Bytes held, roughly.
    pub(in crate::index) fn bytes(&self) -> usize {
        size_of_val(self.vectors.as_slice()) + self.slots() * 24 + self.lexicon.bytes()
    }

    /// Retires versions that may no longer be found; returns those that are not held yet.
    pub(in crate::index) fn retain(
        &mut self,
        findable: &[(VersionId, KnowledgeBaseId)],
    ) -> Vec<(VersionId, KnowledgeBaseId)> {
        let bases: HashMap<_, _> = findable.iter().copied().collect();
        let mut held = HashSet::new();
        for version in self.versions.iter_mut().filter(|version| version.live) {
            match bases.get(&version.id) {
                Some(base) if version.whole => {
                    version.base = *base;
                    held.insert(version.id);
                }
                _ => version.live = false,
            }
        }
        if self.retired() * 4 > self.slots() {
            self.compact();
        }
        findable.iter().filter(|(version, _)| !held.contains(version)).copied().collect()
    }

    fn retired(&self) -> usize {
        self.versions.iter().filter(|version| !version.live).map(|version| version.slots).sum()
    }

    /// Adds a version. A point without a vector is found by its words alone. Points with a vector
    /// of the wrong length, or beyond what one snapshot can hold, are refused.
    pub(in crate::index) fn append(
        &mut self,
        version: VersionId,
        base: KnowledgeBaseId,
        points: &[Point],
    ) -> Result<(), String> {
        if self.slots() + points.len() > Posting::SLOTS {
            return Err(format!(
                "a creator's index holds at most {} chunks here; configure Qdrant",
                Posting::SLOTS
            ));
        }
        let wrong = |point: &&Point| !point.vector.is_empty() && point.vector.len() != self.dimension;
        if let Some(bad) = points.iter().find(wrong) {
            return Err(format!("a vector of {} components, not {}", bad.vector.len(), self.dimension));
        }
        let owner = place(self.versions.len());
        let whole = points.iter().all(|point| point.vector.len() == self.dimension);
        self.versions.push(Held { id: version, base, live: true, whole, slots: points.len() });
        for point in points {
            let slot = place(self.slots());
            self.chunks.push(point.chunk);
            self.owners.push(owner);
            self.vectors.extend_from_slice(&point.vector);
            // Nothing is less near than zero; searches by vector wait until none is missing.
            self.vectors.resize(self.slots() * self.dimension, 0.0);
            self.lengths.push(self.lexicon.add(slot, &point.terms));
        }
        Ok(())
    }

    /// Gives the slots of retired versions back.
    fn compact(&mut self) {
        let mut owners = 0;
        let renamed: Vec<Option<u32>> =
            self.versions.iter().map(|version| numbered(version.live, &mut owners)).collect();
        let mut slots = 0;
        let moved: Vec<Option<u32>> = self
            .owners
            .iter()
            .map(|&owner| numbered(self.versions[owner as usize].live, &mut slots))
            .collect();
        for (from, to) in moved.iter().enumerate() {
            let Some(to) = to.map(|to| to as usize) else { continue };
            self.chunks[to] = self.chunks[from];
            self.lengths[to] = self.lengths[from];
            self.owners[to] = renamed[self.owners[from] as usize].unwrap_or_default();
            self.vectors.copy_within(from * self.dimension..(from + 1) * self.dimension, to * self.dimension);
        }
        let left = slots as usize;
        self.chunks.truncate(left);
        self.lengths.truncate(left);
        self.owners.truncate(left);
        self.vectors.truncate(left * self.dimension);
        self.vectors.shrink_to_fit();
        self.lexicon.compact(&moved);
        self.versions.retain(|version| version.live);
    }

    /// For each version, whether its chunks may be found within these bases (none for all).
    fn open(&self, bases: &[KnowledgeBaseId]) -> Vec<bool> {
        let within = |base| bases.is_empty() || bases.contains(base);
        self.versions.iter().map(|version| version.live && within(&version.base)).collect()
    }

    /// The chunks nearest to a unit vector, best first.
    pub(in crate::index) fn dense(
        &self,
        bases: &[KnowledgeBaseId],
        vector: &[f32],
        k: usize,
    ) -> Vec<Candidate> {
        let open = self.open(bases);
        let mut top = Top::new(k);
        let owned = self.owners.iter().zip(self.vectors.chunks_exact(self.dimension));
        for (slot, (&owner, own)) in (0..).zip(owned) {
            if open[owner as usize] {
                top.offer(slot, dot(vector, own));
            }
        }
        self.candidates(top)
    }

    /// The chunks that match the terms best, best first. Frequencies are those of all the
    /// creator's chunks that may be found, whichever bases are asked.
    pub(in crate::index) fn lexical(
        &self,
        bases: &[KnowledgeBaseId],
        terms: &[TermWeight],
        k: usize,
    ) -> Vec<Candidate> {
        let mut scores = vec![0.0_f32; self.slots()];
        for (term, weight) in terms.iter().zip(self.weights(terms)) {
            for posting in self.lexicon.postings(&term.term) {
                let slot = posting.slot() as usize;
                scores[slot] += weight * bm25::passage_weight(posting.count(), self.lengths[slot]);
            }
        }
        let open = self.open(bases);
        let mut top = Top::new(k);
        for (slot, (&owner, score)) in (0..).zip(self.owners.iter().zip(scores)) {
            if score > 0.0 && open[owner as usize] {
                top.offer(slot, score);
            }
        }
        self.candidates(top)
    }

    /// The question's part of BM25 for each of its terms.
    pub(in crate::index) fn weights(&self, terms: &[TermWeight]) -> Vec<f32> {
        let all = self.findable();
        let alive = |posting: &&Posting| self.versions[self.owners[posting.slot() as usize] as usize].live;
        let weight = |term: &TermWeight| {
            let holding = self.lexicon.postings(&term.term).iter().filter(alive).count();
            term.weight * bm25::inverse_frequency(all, holding)
        };
        terms.iter().map(weight).collect()
    }

    /// Chunks that may be found.
    pub(in crate::index) fn findable(&self) -> usize {
        self.slots() - self.retired()
    }

    fn candidates(&self, top: Top) -> Vec<Candidate> {
        let candidate = |(slot, score): (u32, f32)| Candidate { chunk: self.chunks[slot as usize], score };
        top.into_sorted().into_iter().map(candidate).collect()
    }
}

/// A place as it is kept; `append` has checked that all places fit.
fn place(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The next number for what is kept, none for what is not.
fn numbered(kept: bool, next: &mut u32) -> Option<u32> {
    kept.then(|| {
        *next += 1;
        *next - 1
    })
}

/// The product of two vectors, in lanes the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let (heads_a, tail_a) = a.as_chunks::<LANES>();
    let (heads_b, tail_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (a, b) in heads_a.iter().zip(heads_b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + tail_a.iter().zip(tail_b).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
