//! The data folder: its layout, its lock, its passwords.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::account::{Account, open_folder};

/// A Unix socket's path has room for 107 bytes; this leaves enough for the file's own name.
const LONGEST_SOCKET_FOLDER: usize = 80;

/// An open data folder, this process's own until dropped.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    sockets: PathBuf,
    _lock: File,
}

/// The roles' passwords, made up once per folder.
#[derive(Serialize, Deserialize)]
pub struct Passwords {
    pub postgres: String,
    pub docket: String,
}

/// Where `docket dev` keeps its data when not told: `.docket` here, or `/var/lib/docket/dev` when the caller is root and
/// `nobody`, whom PostgreSQL then runs as, cannot reach it here.
pub fn default_folder() -> Result<PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let account = Account::current()?;
    if account.is_dropped() && account.barred_from(&here).is_some() {
        return Ok("/var/lib/docket/dev".into());
    }
    Ok(here.join(".docket"))
}

impl Folder {
    /// Makes the folder if need be, locks it and checks that `account` can work in it.
    pub fn open(path: &Path, account: &Account) -> Result<Self> {
        let path = &std::path::absolute(path)?;
        make(path, account)?;
        let root = path.canonicalize().with_context(|| format!("cannot open {}", path.display()))?;
        let lock = lock(&root)?;
        admit(account, &root)?;
        let sockets = socket_folder(&root);
        let folder = Self { root, sockets, _lock: lock };
        account.private_folder(&folder.nats())?;
        account.private_folder(&folder.consumers())?;
        account.private_folder(&folder.sockets)?;
        check_owner(&folder.sockets, account)?;
        Ok(folder)
    }

    /// The folder itself, as an absolute path without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// PostgreSQL's data, once created.
    pub fn postgres(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// nats-server's data.
    pub fn nats(&self) -> PathBuf {
        self.root.join("nats")
    }

    /// The data of the nats-server that consumers come to.
    pub fn consumers(&self) -> PathBuf {
        self.root.join("consumers")
    }

    /// The folder of PostgreSQL's socket: its path is short and plain.
    pub fn sockets(&self) -> &Path {
        &self.sockets
    }

    /// The major version of PostgreSQL that made the data, which alone can read it.
    pub fn postgres_major(&self) -> Result<Option<u32>> {
        let file = self.postgres().join("PG_VERSION");
        match fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().map(Some).with_context(|| format!("{} is damaged", file.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    /// Has the same passwords as another folder, whose data this one will hold a copy of.
    pub fn share_passwords(&self, passwords: &Passwords) -> Result<()> {
        write_private(&self.root.join("passwords.json"), &serde_json::to_vec(passwords)?)
    }

    /// Reads the passwords, or makes them up before there is any data they would have to fit.
    pub fn passwords(&self) -> Result<Passwords> {
        let file = self.root.join("passwords.json");
        if file.exists() {
            let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            return serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display()));
        }
        if self.postgres().exists() {
            bail!("{} is gone, and the data in {} opens with nothing else", file.display(), self.root.display());
        }
        let made_up = || hex::encode(rand::random::<[u8; 16]>());
        let passwords = Passwords { postgres: made_up(), docket: made_up() };
        write_private(&file, &serde_json::to_vec(&passwords)?)?;
        Ok(passwords)
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(file: &Path, content: &[u8]) -> Result<()> {
    let new = file.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().and_then(|()| fs::rename(&new, file)).with_context(|| format!("cannot write {}", file.display()))
}

/// Makes the folder, or opens the door of one that is ours; the mode of anybody else's folder is left alone.
fn make(path: &Path, account: &Account) -> Result<()> {
    let new = !path.exists();
    open_folder(path)?;
    let mode = fs::metadata(path)?.mode();
    let ours = || path.join("lock").exists() || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    let mode = match (new, account.is_dropped()) {
        (true, false) => 0o700,
        (true, true) => 0o711,
        (false, true) if ours() => mode | 0o001,
        (false, _) => return Ok(()),
    };
    Ok(fs::set_permissions(path, Permissions::from_mode(mode))?)
}

fn lock(root: &Path) -> Result<File> {
    let path = root.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(|| format!("cannot write {}: choose another folder with --data", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            bail!(
                "the folder {} is in use by another docket (process {}): stop that one, or choose another folder with --data",
                root.display(),
                holder.trim()
            );
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("cannot lock {}", path.display()));
        }
    }
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

/// Fails, in words, where the servers' account could not work.
fn admit(account: &Account, root: &Path) -> Result<()> {
    if let Some(barrier) = account.barred_from(root) {
        bail!(
            "started by root, the servers run as 'nobody', who cannot pass through {}: \
             choose a folder outside it with --data (/var/lib/docket/dev, say), or run docket as an ordinary user",
            barrier.display()
        );
    }
    for data in ["postgres", "nats", "consumers"].map(|name| root.join(name)) {
        check_owner(&data, account)?;
    }
    Ok(())
}

/// Refuses a folder of another user's: data made by somebody else, or a trap laid under a name that can be foreseen.
fn check_owner(path: &Path, account: &Account) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.uid() != account.user() => bail!(
            "{} belongs to user {}, but the servers would run as user {}: choose another folder with --data",
            path.display(),
            found.uid(),
            account.user()
        ),
        _ => Ok(()),
    }
}

fn socket_folder(root: &Path) -> PathBuf {
    let inside = root.join("run");
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let bytes = inside.as_os_str().as_encoded_bytes();
    if bytes.len() <= LONGEST_SOCKET_FOLDER && bytes.iter().all(plain) {
        return inside;
    }
    let hash = Sha256::digest(root.as_os_str().as_encoded_bytes());
    Path::new("/tmp").join(format!("docket-{}", hex::encode(&hash[..4])))
}
