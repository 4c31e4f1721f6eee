//! Lists that are sets: of members, of labels.

/// Each of these once.
pub(crate) fn distinct<T: PartialEq + Copy>(ids: &[T]) -> Vec<T> {
    let mut seen = Vec::with_capacity(ids.len());
    for id in ids {
        if !seen.contains(id) {
            seen.push(*id);
        }
    }
    seen
}

/// What to take from `have` and what to add to it to get the set `wanted`.
pub(crate) fn difference<T: PartialEq + Copy>(have: &[T], wanted: &[T]) -> (Vec<T>, Vec<T>) {
    let gone = have.iter().copied().filter(|id| !wanted.contains(id)).collect();
    let come = distinct(wanted).into_iter().filter(|id| !have.contains(id)).collect();
    (gone, come)
}
