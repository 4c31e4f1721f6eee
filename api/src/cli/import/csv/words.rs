//! Other products' words for statuses and priorities.

use std::collections::HashMap;

use docket_domain::task::{Priority, Status};

/// What words mean: as said by a person, else as products use them.
#[derive(Default)]
pub struct Words {
    said: HashMap<String, String>,
}

impl Words {
    /// With these meanings before all others: `In QA=in_review`.
    pub fn new(said: &[String]) -> anyhow::Result<Self> {
        let mut words = Self::default();
        for one in said {
            let Some((word, meaning)) = one.rsplit_once('=') else {
                anyhow::bail!("{one}: say WORD=MEANING, like 'In QA=in_review'");
            };
            let meaning = meaning.trim();
            let is_known = Status::parse(meaning).is_some() || Priority::parse(meaning).is_some();
            anyhow::ensure!(
                is_known,
                "{meaning} is neither a status ({}) nor a priority ({})",
                statuses(),
                priorities()
            );
            words.said.insert(folded(word), meaning.to_owned());
        }
        Ok(words)
    }

    /// The status that a word means.
    pub fn status(&self, word: &str) -> Result<Status, String> {
        let word_ = folded(word);
        let said = self.said.get(&word_).and_then(|meaning| Status::parse(meaning));
        said.or_else(|| status(&word_)).ok_or_else(|| {
            format!("“{word}” is no status that is known here: say --word '{word}=todo' or another of {}", statuses())
        })
    }

    /// The priority that a word means.
    pub fn priority(&self, word: &str) -> Result<Priority, String> {
        let word_ = folded(word);
        let said = self.said.get(&word_).and_then(|meaning| Priority::parse(meaning));
        said.or_else(|| priority(&word_)).ok_or_else(|| {
            format!(
                "“{word}” is no priority that is known here: say --word '{word}=medium' or another of {}",
                priorities()
            )
        })
    }
}

fn statuses() -> String {
    Status::ALL.map(Status::as_str).join(", ")
}

fn priorities() -> String {
    Priority::ALL.map(Priority::as_str).join(", ")
}

fn status(word: &str) -> Option<Status> {
    Some(match word {
        "backlog" | "icebox" | "ideas" | "triage" | "later" | "someday" => Status::Backlog,
        "to do"
        | "todo"
        | "open"
        | "new"
        | "reopened"
        | "planned"
        | "unstarted"
        | "not started"
        | "ready"
        | "next"
        | "selected for development"
        | "ready for development" => Status::Todo,
        "in progress" | "doing" | "started" | "in development" | "wip" | "active" => Status::InProgress,
        "in review" | "review" | "code review" | "in code review" | "testing" | "in testing" | "qa" | "in qa"
        | "ready for review" => Status::InReview,
        "done" | "closed" | "resolved" | "complete" | "completed" | "finished" | "fixed" | "released" | "merged" => {
            Status::Done
        }
        "cancelled" | "canceled" | "wont do" | "wont fix" | "rejected" | "declined" | "abandoned" => Status::Cancelled,
        "duplicate" | "duplicated" => Status::Duplicate,
        _ => return None,
    })
}

fn priority(word: &str) -> Option<Priority> {
    Some(match word {
        "none" | "no priority" | "not set" | "0" => Priority::None,
        "low" | "lowest" | "minor" | "trivial" | "p4" | "p3" => Priority::Low,
        "medium" | "normal" | "moderate" | "major" | "p2" => Priority::Medium,
        "high" | "critical" | "p1" => Priority::High,
        "urgent" | "highest" | "blocker" | "immediate" | "p0" => Priority::Urgent,
        _ => return None,
    })
}

/// Letters and digits, lower case, one space between words: `Won't-Do` is `wont do`.
fn folded(word: &str) -> String {
    let plain: String = word.to_lowercase().replace(['\'', '’'], "");
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_words_and_those_of_others_are_understood() {
        let words = Words::default();
        for status in Status::ALL {
            assert_eq!(words.status(status.as_str()), Ok(status));
        }
        for priority in Priority::ALL {
            assert_eq!(words.priority(priority.as_str()), Ok(priority));
        }
        assert_eq!(words.status("Won't Do"), Ok(Status::Cancelled));
        assert_eq!(words.status("Selected for Development"), Ok(Status::Todo));
        assert_eq!(words.priority("Highest"), Ok(Priority::Urgent));
    }

    #[test]
    fn a_word_means_what_is_said() {
        let words = Words::new(&["Parking lot=backlog".to_owned(), "done=in_review".to_owned()]).expect("words");
        assert_eq!(words.status("parking LOT"), Ok(Status::Backlog));
        assert_eq!(words.status("Done"), Ok(Status::InReview));
        assert!(words.status("Limbo").is_err_and(|why| why.contains("--word 'Limbo=todo'")));
        assert!(words.priority("Parking lot").is_err());
        assert!(Words::new(&["a=b".to_owned()]).is_err());
        assert!(Words::new(&["a".to_owned()]).is_err());
    }
}
