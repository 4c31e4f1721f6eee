//! The account the servers run under: the caller's own, or `nobody` when the caller is root, as PostgreSQL refuses root.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Who the servers run as, and whether they can be told of this process's death.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    user: u32,
    group: u32,
    dropped: bool,
    mourns: bool,
}

impl Account {
    /// Looks at who the caller is and at what `setpriv` here can do.
    pub fn current() -> Result<Self> {
        let mourns = succeeds(Command::new("setpriv").args(["--pdeathsig", "INT", "true"]));
        if id(&["-u"])? != 0 {
            return Ok(Self { user: id(&["-u"])?, group: id(&["-g"])?, dropped: false, mourns });
        }
        let nobody = Self { user: id(&["-u", "nobody"])?, group: id(&["-g", "nobody"])?, dropped: true, mourns };
        if !succeeds(&mut nobody.command("true")) {
            bail!(
                "PostgreSQL refuses to run as root, and this root cannot become 'nobody' with setpriv: \
                 install util-linux, or run docket as an ordinary user"
            );
        }
        Ok(nobody)
    }

    /// Whether the servers run as somebody other than the caller.
    pub fn is_dropped(&self) -> bool {
        self.dropped
    }

    /// The id of the user that the servers' files belong to.
    pub fn user(&self) -> u32 {
        self.user
    }

    /// A command that runs `program` under this account, in its own process group (a terminal's Ctrl-C is for docket,
    /// which stops its servers last) and interrupted when the thread that started it dies.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.wrap(self.dropped, program)
    }

    /// The same under the caller's own account.
    pub fn own_command(&self, program: impl AsRef<OsStr>) -> Command {
        self.wrap(false, program)
    }

    fn wrap(&self, dropped: bool, program: impl AsRef<OsStr>) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = if self.mourns || dropped {
            let mut command = Command::new("setpriv");
            if dropped {
                let ids = [format!("--reuid={}", self.user), format!("--regid={}", self.group)];
                command.args(ids).arg("--clear-groups");
            }
            if self.mourns {
                command.args(["--pdeathsig", "INT"]);
            }
            command.arg("--").arg(program);
            command
        } else {
            Command::new(program)
        };
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").env("TZ", "UTC").stdin(Stdio::null()).process_group(0);
        command
    }

    /// Gives a file or folder to this account.
    pub fn own(&self, path: &Path) -> Result<()> {
        if !self.dropped {
            return Ok(());
        }
        chown(path, Some(self.user), Some(self.group))
            .with_context(|| format!("cannot give {} to nobody", path.display()))
    }

    /// Makes a folder that only this account can enter, unless it is there.
    pub fn private_folder(&self, path: &Path) -> Result<()> {
        if !path.is_dir() {
            DirBuilder::new().mode(0o700).create(path).with_context(|| format!("cannot make {}", path.display()))?;
            fs::set_permissions(path, Permissions::from_mode(0o700))?;
            self.own(path)?;
        }
        Ok(())
    }

    /// The outermost of `path` and its parents that this account cannot pass through.
    pub fn barred_from(&self, path: &Path) -> Option<PathBuf> {
        let mut folders: Vec<_> = path.ancestors().collect();
        folders.reverse();
        folders.into_iter().find(|folder| !succeeds(self.command("test").arg("-x").arg(folder))).map(Path::to_owned)
    }
}

/// Makes a folder and its missing parents such that any account can pass through them, whatever the umask.
pub fn open_folder(path: &Path) -> Result<()> {
    let missing: Vec<_> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
    for folder in missing {
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Whether a command can be run and exits with 0.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
}

fn id(args: &[&str]) -> Result<u32> {
    let output = Command::new("id").args(args).output().context("cannot run 'id'")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| format!("'id {}' names no number: is there such a user?", args.join(" ")))
}
