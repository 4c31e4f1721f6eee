//! Profiles: servers and keys that `docket login` remembers, in one file that only its owner can read.

use std::collections::BTreeMap;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::client::Server;
use super::out::note;
use super::private::write_private;

/// The profile that is used if none is named.
pub const DEFAULT: &str = "default";

/// All profiles, by name.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    profiles: BTreeMap<String, Server>,
}

impl Profiles {
    /// Those of the file; none, if there is no file.
    pub fn load() -> anyhow::Result<Self> {
        Self::of(&file()?)
    }

    fn of(file: &Path) -> anyhow::Result<Self> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error).with_context(|| format!("can't read {}", file.display())),
        };
        if std::fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
            note!("docket: others can read the keys in {0}: chmod 600 {0}", file.display());
        }
        serde_json::from_str(&text).with_context(|| format!("{} is damaged: repair or delete it", file.display()))
    }

    /// Writes them all.
    pub fn save(&self) -> anyhow::Result<()> {
        self.save_as(&file()?)
    }

    fn save_as(&self, file: &Path) -> anyhow::Result<()> {
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        let folder = file.parent().context("no folder for the profiles")?;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .and_then(|()| write_private(file, &text))
            .with_context(|| format!("can't write {}", file.display()))
    }

    /// The profile with this name.
    pub fn get(&self, name: &str) -> Option<&Server> {
        self.profiles.get(name)
    }

    /// Keeps a profile.
    pub fn set(&mut self, name: &str, server: Server) {
        self.profiles.insert(name.to_owned(), server);
    }

    /// Forgets a profile; false if there is none.
    pub fn remove(&mut self, name: &str) -> bool {
        self.profiles.remove(name).is_some()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Server)> {
        self.profiles.iter()
    }
}

/// `docket/profiles.json` in the folder for configuration (XDG Base Directory Specification).
pub fn file() -> anyhow::Result<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
    let folder =
        folder.context("no place for profiles: neither XDG_CONFIG_HOME nor HOME is set; use --url and --key")?;
    Ok(folder.join("docket/profiles.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(key: &str) -> Server {
        Server { url: "https://docket.example.com".to_owned(), key: key.to_owned() }
    }

    #[test]
    fn profiles_are_kept_where_only_the_owner_can_read_them() {
        let folder = std::env::temp_dir().join(format!("docket-profiles-{:x}", rand::random::<u64>()));
        let file = folder.join("docket/profiles.json");
        let mut profiles = Profiles::of(&file).expect("no file, no profiles");
        profiles.set(DEFAULT, server("one"));
        profiles.set("work", server("two"));
        profiles.save_as(&file).expect("written");
        assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        let mut again = Profiles::of(&file).expect("read");
        assert!(again.get("work") == Some(&server("two")));
        assert!(again.remove("work") && !again.remove("work"));
        std::fs::write(&file, "nonsense").expect("written");
        assert!(Profiles::of(&file).is_err());
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
