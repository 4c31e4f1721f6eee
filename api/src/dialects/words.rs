//! A product's words for ours.

/// Pairs of our word and theirs. Theirs may be empty: `null`. Where one of theirs stands for several of ours, the first
/// is what it means when it is written.
pub struct Words(pub &'static [(&'static str, &'static str)]);

impl Words {
    /// Their word for ours; ours, if they have none.
    pub fn theirs<'w>(&self, ours: &'w str) -> Option<&'w str> {
        let found = self.0.iter().find(|(own, _)| *own == ours).map_or(ours, |(_, theirs)| theirs);
        Some(found).filter(|word| !word.is_empty())
    }

    /// Our word for theirs, whatever its case and spacing; ours is understood too.
    pub fn ours(&self, theirs: &str) -> Option<&'static str> {
        self.all_ours(theirs).next()
    }

    /// All our words that theirs stands for.
    pub fn all_ours(&self, theirs: &str) -> impl Iterator<Item = &'static str> + use<> {
        let wanted = plain(theirs);
        let matching = |word: fn(&(&'static str, &'static str)) -> &'static str| -> Vec<&'static str> {
            let fits = |pair: &&(&'static str, &'static str)| !word(pair).is_empty() && plain(word(pair)) == wanted;
            self.0.iter().filter(fits).map(|(ours, _)| *ours).collect()
        };
        let said = matching(|(_, theirs)| theirs);
        if said.is_empty() { matching(|(ours, _)| ours) } else { said }.into_iter()
    }

    /// Our word for `null`.
    pub fn nothing(&self) -> Option<&'static str> {
        self.0.iter().find(|(_, theirs)| theirs.is_empty()).map(|(ours, _)| *ours)
    }

    /// Their words, each once.
    pub fn listed(&self) -> Vec<&'static str> {
        let mut listed: Vec<_> = self.0.iter().map(|(_, theirs)| *theirs).filter(|word| !word.is_empty()).collect();
        let mut seen = Vec::new();
        listed.retain(|word| {
            !seen.contains(word) && {
                seen.push(word);
                true
            }
        });
        listed
    }
}

/// Our roles, for a product that knows two.
pub static ADMIN_OR_MEMBER: Words =
    Words(&[("admin", "admin"), ("owner", "admin"), ("member", "member"), ("manager", "member"), ("viewer", "member")]);

/// Our own statuses, for a product that has the same.
pub static STATUSES: Words = Words(&[
    ("backlog", "backlog"),
    ("todo", "todo"),
    ("in_progress", "in_progress"),
    ("in_review", "in_review"),
    ("done", "done"),
    ("cancelled", "cancelled"),
    ("duplicate", "duplicate"),
]);

/// Our own priorities, for a product that has the same.
pub static PRIORITIES: Words =
    Words(&[("none", "none"), ("low", "low"), ("medium", "medium"), ("high", "high"), ("urgent", "urgent")]);

fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: Words =
        Words(&[("todo", "pending"), ("backlog", "pending"), ("in_progress", "progress"), ("none", "")]);

    #[test]
    fn words_go_both_ways() {
        assert_eq!(STATUS.theirs("backlog"), Some("pending"));
        assert_eq!(STATUS.theirs("none"), None);
        assert_eq!(STATUS.theirs("unheard_of"), Some("unheard_of"));
        assert_eq!(STATUS.ours("Pending"), Some("todo"));
        assert_eq!(STATUS.ours("In Progress"), Some("in_progress"));
        assert_eq!(STATUS.ours("backlog"), Some("backlog"));
        assert_eq!(STATUS.all_ours("pending").collect::<Vec<_>>(), ["todo", "backlog"]);
        assert_eq!((STATUS.ours("nonsense"), STATUS.ours("")), (None, None));
        assert_eq!((STATUS.nothing(), STATUS.listed()), (Some("none"), vec!["pending", "progress"]));
    }
}
