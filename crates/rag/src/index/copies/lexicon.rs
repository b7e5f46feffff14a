//! An inverted index: for each term, the slots that hold it and how often.

use std::collections::HashMap;

/// A slot and a count in four bytes. Counts above 63 are kept as 63: BM25 has long stopped
/// to tell them apart.
#[derive(Clone, Copy)]
pub(super) struct Posting(u32);

impl Posting {
    const COUNT_BITS: u32 = 6;
    const MOST: u32 = (1 << Self::COUNT_BITS) - 1;
    /// Slots one snapshot can hold.
    pub(super) const SLOTS: usize = 1 << (32 - Self::COUNT_BITS);

    fn new(slot: u32, count: u32) -> Self {
        Self(slot << Self::COUNT_BITS | count.min(Self::MOST))
    }

    pub(super) fn slot(self) -> u32 {
        self.0 >> Self::COUNT_BITS
    }

    pub(super) fn count(self) -> u32 {
        self.0 & Self::MOST
    }
}

/// Terms and their postings, slots rising.
#[derive(Default)]
pub(super) struct Lexicon {
    numbers: HashMap<Box<str>, u32>,
    postings: Vec<Vec<Posting>>,
    /// Bytes held, roughly: what a memory budget needs to know.
    bytes: usize,
}

impl Lexicon {
    /// Adds a slot's terms, separated by spaces; slots must come in rising order. Returns how many terms it has.
    pub(super) fn add(&mut self, slot: u32, terms: &str) -> u32 {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        let mut length = 0;
        for term in terms.split_ascii_whitespace() {
            *counts.entry(term).or_default() += 1;
            length += 1;
        }
        for (term, count) in counts {
            let number = self.number(term);
            self.postings[number].push(Posting::new(slot, count));
            self.bytes += size_of::<Posting>();
        }
        length
    }

    fn number(&mut self, term: &str) -> usize {
        if let Some(&number) = self.numbers.get(term) {
            return number as usize;
        }
        let number = self.postings.len();
        // A snapshot holds at most 2^26 slots of a few hundred terms: the number of terms fits.
        self.numbers.insert(term.into(), u32::try_from(number).unwrap_or(u32::MAX));
        self.postings.push(Vec::new());
        self.bytes += term.len() + 64;
        number
    }

    /// The postings of a term.
    pub(super) fn postings(&self, term: &str) -> &[Posting] {
        self.numbers.get(term).map_or(&[], |&number| &self.postings[number as usize])
    }

    /// Renumbers slots and drops those for which `moved` has no new number.
    pub(super) fn compact(&mut self, moved: &[Option<u32>]) {
        for postings in &mut self.postings {
            let kept = postings.iter().filter_map(|posting| {
                moved[posting.slot() as usize].map(|slot| Posting::new(slot, posting.count()))
            });
            *postings = kept.collect();
        }
        let gone: Vec<bool> = self.postings.iter().map(Vec::is_empty).collect();
        if gone.contains(&true) {
            self.drop_terms(&gone);
        }
        self.bytes = self.numbers.keys().map(|term| term.len() + 64).sum::<usize>()
            + self.postings.iter().map(|postings| size_of_val(postings.as_slice())).sum::<usize>();
    }

    fn drop_terms(&mut self, gone: &[bool]) {
        let mut next = 0;
        let renumbered: Vec<Option<u32>> = gone
            .iter()
            .map(|&gone| {
                let number = next;
                next += u32::from(!gone);
                (!gone).then_some(number)
            })
            .collect();
        self.postings.retain(|postings| !postings.is_empty());
        self.numbers.retain(|_, number| {
            renumbered[*number as usize].is_some_and(|kept| {
                *number = kept;
                true
            })
        });
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
