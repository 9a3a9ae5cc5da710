//! Chance that can be had again: the same seed throws the same.

/// `SplitMix64`: small, and even enough for choosing among a few things.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of their own, for one of several who throw at the same time.
    #[must_use]
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("64 bits");
        usize::try_from(self.next() % end).expect("64 bits")
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// From one to `most` of them, all different, in their order.
    pub fn some<T: Clone>(&mut self, from: &[T], most: usize) -> Vec<T> {
        let mut left = 1 + self.below(most.min(from.len()));
        let mut some = Vec::new();
        for (index, one) in from.iter().enumerate() {
            if self.below(from.len() - index) < left {
                some.push(one.clone());
                left -= 1;
            }
        }
        some
    }

    /// So many different ones of `0..end`, sorted.
    pub fn distinct(&mut self, count: usize, end: usize) -> Vec<usize> {
        assert!(count <= end, "{count} different ones of {end}");
        let mut chosen = std::collections::BTreeSet::new();
        // Floyd's: each set of that size is as likely as any other.
        for last in end - count..end {
            let one = self.below(last + 1);
            if !chosen.insert(one) {
                chosen.insert(last);
            }
        }
        chosen.into_iter().collect()
    }
}
