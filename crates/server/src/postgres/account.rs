//! The user that runs Postgres, which refuses to run as root.
//!
//! As root that is `postgres` if there is such a user, else `nobody`. It must be a user with a
//! name: `initdb` looks its own up, and fails for a bare number.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::Error;

/// The user that Postgres runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// The user of this process.
    Own,
    /// Another one, because this process is root's.
    Other { name: String, uid: u32, gid: u32 },
}

/// Variables that programs of Postgres need from ours. All others, `PG…` above all, are kept away.
const PASSED_ON: [&str; 5] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
];

impl Account {
    /// The user for this process.
    pub(crate) async fn choose() -> Result<Self, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Own);
        }
        let users = tokio::fs::read_to_string("/etc/passwd")
            .await
            .unwrap_or_default();
        for name in ["postgres", "nobody"] {
            if let Some((uid, gid)) = listed(&users, name) {
                return Ok(Self::Other {
                    name: name.to_owned(),
                    uid,
                    gid,
                });
            }
            // Users of a directory service, or of macOS, are in no file.
            if let (Some(uid), Some(gid)) = (asked("-u", name).await, asked("-g", name).await) {
                return Ok(Self::Other {
                    name: name.to_owned(),
                    uid,
                    gid,
                });
            }
        }
        Err(Error::NoAccount)
    }

    /// A program that runs as this user, away from our environment and working directory.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null());
        let environment = crate::config::Environment::of_process();
        for name in PASSED_ON {
            if let Some(value) = environment.get(name) {
                command.env(name, value);
            }
        }
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid).env("HOME", "/");
        }
        command
    }

    /// Gives `path` to this user.
    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid, .. } => {
                chown(path, Some(*uid), Some(*gid)).map_err(Error::file("give away", path))
            }
        }
    }

    /// Refuses a directory that this user cannot enter, naming the first on the way.
    ///
    /// SUBTLE: asked of the system as that user rather than worked out from modes: there are
    /// access lists, mounts and security modules besides.
    pub(crate) async fn check_entry(&self, directory: &Path) -> Result<(), Error> {
        let Self::Other { name, .. } = self else {
            return Ok(());
        };
        if self.enters(directory).await? {
            return Ok(());
        }
        let mut on_the_way: Vec<PathBuf> = directory.ancestors().map(Path::to_owned).collect();
        on_the_way.reverse();
        for step in on_the_way {
            if !self.enters(&step).await? {
                return Err(Error::NotEnterable {
                    account: name.clone(),
                    directory: step,
                });
            }
        }
        Ok(())
    }

    async fn enters(&self, directory: &Path) -> Result<bool, Error> {
        let shell = Path::new("/bin/sh");
        let status = self
            .command(shell)
            .args(["-c", "cd -- \"$1\"", "sh"])
            .arg(directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await
            .map_err(|source| Error::Run {
                program: shell.to_owned(),
                source,
            })?;
        Ok(status.success())
    }
}

/// User and group of `name` in the text of `/etc/passwd`.
fn listed(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then_some(fields)
    })?;
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some((uid, gid))
}

async fn asked(what: &str, name: &str) -> Option<u32> {
    let answer = Command::new("id")
        .args([what, name])
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    // macOS answers -2 for nobody: the number as the kernel has it is its two's complement.
    let number: i64 = String::from_utf8(answer.stdout).ok()?.trim().parse().ok()?;
    u32::try_from(number)
        .or_else(|_| i32::try_from(number).map(i32::cast_unsigned))
        .ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::DirBuilderExt;

    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\n\
        postgresql:x:7:8::/:/bin/false\n\
        nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        assert_eq!(listed(USERS, "nobody"), Some((65534, 65533)));
        assert_eq!(listed(USERS, "postgres"), None);
        assert_eq!(listed("broken:x:a:b", "broken"), None);
    }

    #[tokio::test]
    async fn a_directory_on_the_way_that_cannot_be_entered_is_named() {
        if !rustix::process::geteuid().is_root() {
            // Only root can become somebody else; others never need to.
            assert_eq!(Account::choose().await.unwrap(), Account::Own);
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let closed = dir.path().join("closed");
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&closed)
            .unwrap();
        let below = closed.join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        let account = Account::choose().await.unwrap();
        match account.check_entry(&below).await {
            Err(Error::NotEnterable { directory, .. }) => assert_eq!(directory, closed),
            other => panic!("{other:?}"),
        }
        account.check_entry(Path::new("/")).await.unwrap();
    }
}
