//! Whether two lots of measurements can be told apart: the rank-sum test of Wilcoxon, Mann and Whitney. It asks which of two
//! is greater and never by how much, so a few answers that took a thousand times as long decide nothing.

/// How well two lots can be told apart by one measurement of each.
pub struct Apart {
    /// How probable it is that one of the second lot is greater than one of the first, where equal ones count half: 0.5, if
    /// nothing can be told; 0 or 1, if everything can. (The area under the curve of true against false alarms.)
    pub auc: f64,
    /// The standard error of that, if nothing can be told.
    pub error: f64,
}

/// Compares two lots, neither of which is empty.
pub fn apart(first: &[u64], second: &[u64]) -> Apart {
    let marked = |lot: &[u64], is_second: bool| lot.iter().map(|value| (*value, is_second)).collect::<Vec<_>>();
    let mut all = [marked(first, false), marked(second, true)].concat();
    all.sort_unstable();
    // Pairs in which the second is greater, and half of those that are equal: twice as many, to stay with whole numbers.
    let (mut twice, mut below) = (0, 0);
    for equal in all.chunk_by(|one, next| one.0 == next.0) {
        let seconds = equal.iter().filter(|(_, is_second)| *is_second).count() as u64;
        let firsts = equal.len() as u64 - seconds;
        twice += seconds * (2 * below + firsts);
        below += firsts;
    }
    let (firsts, seconds) = (first.len() as f64, second.len() as f64);
    let pairs = firsts * seconds;
    Apart { auc: twice as f64 / (2.0 * pairs), error: ((firsts + seconds + 1.0) / (12.0 * pairs)).sqrt() }
}

/// The one in the middle of a lot that is not empty.
pub fn median(lot: &[u64]) -> f64 {
    let mut lot = lot.to_vec();
    let middle = lot.len() / 2;
    *lot.select_nth_unstable(middle).1 as f64
}

#[cfg(test)]
mod tests {
    use super::{apart, median};

    fn percent(first: &[u64], second: &[u64]) -> i64 {
        (apart(first, second).auc * 100.0).round() as i64
    }

    #[test]
    fn what_is_always_greater_is_told_and_what_is_equal_is_not() {
        assert_eq!(percent(&[1, 2, 3], &[4, 5]), 100);
        assert_eq!(percent(&[4, 5], &[1, 2, 3]), 0);
        assert_eq!(percent(&[7, 7, 7], &[7, 7]), 50);
        assert_eq!(percent(&[1, 4, 5], &[1, 4, 5]), 50);
        // Of four pairs three are greater, however much so.
        assert_eq!(percent(&[1, 3], &[2, 1_000_000]), 75);
        assert_eq!(percent(&[1, 3], &[3, 4]), 88);
    }

    #[test]
    fn the_error_is_the_one_of_the_books() {
        // 20,000 of each: about 0.29 %.
        let lot: Vec<u64> = (0..20_000).collect();
        assert_eq!((apart(&lot, &lot).error * 100_000.0).round() as i64, 289);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[9, 1, 5]).round() as i64, 5);
    }
}
