//! Zipf's law with exponent 1: the n-th is asked for a n-th as often as the first.

use writ_tests::Dice;

/// Chances in whole numbers, summed up.
#[derive(Debug)]
pub(crate) struct Zipf(Vec<usize>);

/// The chance of the first one; the smallest must not round to nothing.
const FIRST: usize = 1_000_000_000;

impl Zipf {
    pub(crate) fn new(count: usize) -> Self {
        let mut sum = 0;
        let sums = (1..=count).map(|rank| {
            sum += FIRST / rank;
            sum
        });
        Self(sums.collect())
    }

    pub(crate) fn draw(&self, dice: &mut Dice) -> usize {
        let total = *self.0.last().expect("something to draw from");
        let point = dice.below(total);
        self.0.partition_point(|sum| *sum <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenth_is_drawn_a_tenth_as_often() {
        let zipf = Zipf::new(20_000);
        let mut dice = Dice::new(1);
        let mut drawn = vec![0_u32; 20_000];
        for _ in 0..200_000 {
            drawn[zipf.draw(&mut dice)] += 1;
        }
        // The first of 20,000 has a chance of 1 / 10.48.
        assert!((18_000..20_200).contains(&drawn[0]), "{}", drawn[0]);
        assert!((1_700..2_120).contains(&drawn[9]), "{}", drawn[9]);
        assert!(drawn[10_000..].iter().any(|count| *count > 0));
    }
}
