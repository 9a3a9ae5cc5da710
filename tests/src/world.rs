//! The machine as the program under test sees it: who it runs as, and what it finds installed.
//!
//! As root, a program is put into a mount namespace of its own, where directories can be hidden
//! or replaced without touching the machine. Without root only [`World::plain`] and
//! [`World::ordinary`] can be had, and there they are the same.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use tempfile::TempDir;
use tokio::process::Command;

use crate::environment;

/// Where installations of Postgres lie that are not on the path.
const INSTALLATIONS: &[&str] = &[
    "/usr/lib/postgresql",
    "/usr/local/pgsql",
    "/opt/homebrew/opt",
];

/// Run in the mount namespace: `$1` the directories to hide, `$2` what to put over `/var/lib` and
/// `/var/cache`, `$3` the user, then the program with its arguments.
const ENTER: &str = r#"
set -e
for dir in $1; do mount -t tmpfs none "$dir"; done
if [ -n "$2" ]; then
  mount --bind "$2/lib" /var/lib
  mount --bind "$2/cache" /var/cache
fi
user=$3
shift 3
if [ -z "$user" ]; then exec "$@"; fi
exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
"#;

/// A directory for one test, and the conditions under which `writ` is run in it.
#[derive(Debug)]
pub struct World {
    dir: TempDir,
    writ: PathBuf,
    user: Option<&'static str>,
    hides_postgres: bool,
    private_var: bool,
}

impl World {
    /// The machine as it is, as the user who runs the tests.
    pub fn plain() -> Self {
        // Root's programs go on as other users, who have to get in.
        let dir = tempfile::Builder::new()
            .prefix("writ-test-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary directory");
        let writ = environment::writ();
        Self {
            dir,
            writ,
            user: None,
            hides_postgres: false,
            private_var: false,
        }
    }

    /// As an ordinary user: `nobody` if the tests are run by root.
    pub fn ordinary() -> Self {
        let mut world = Self::plain();
        if !geteuid().is_root() {
            return world;
        }
        // The target directory may be closed to others.
        let writ = world.path().join("writ");
        fs::copy(&world.writ, &writ).expect("a copy of the binary");
        world.writ = writ;
        world.user = Some("nobody");
        for dir in [world.path().to_owned(), world.home()] {
            fs::create_dir_all(&dir).expect("a directory");
            chown(&dir, Some(id("-u")), Some(id("-g"))).expect("root may give away");
        }
        world
    }

    /// Hides the installed Postgres. `None` without root, which in CI is a failure.
    pub fn without_postgres(mut self) -> Option<Self> {
        self.hides_postgres = true;
        self.for_root_only()
    }

    /// Root's default directories, in the place of those of the machine. `None` without root,
    /// which in CI is a failure.
    pub fn with_private_var(mut self) -> Option<Self> {
        for dir in ["lib", "cache"] {
            fs::create_dir(self.path().join(dir)).expect("a directory");
        }
        self.private_var = true;
        self.for_root_only()
    }

    /// Shuts the directory to every other user. `None` without root, which in CI is a failure.
    pub fn closed_to_others(self) -> Option<Self> {
        fs::set_permissions(self.path(), Permissions::from_mode(0o700)).expect("a mode");
        self.for_root_only()
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The home directory; an ordinary user's defaults lie below it.
    pub fn home(&self) -> PathBuf {
        self.path().join("home")
    }

    /// A path that the program under test named, as it is seen from here.
    pub fn seen_from_outside(&self, path: &Path) -> PathBuf {
        for (inside, dir) in [("/var/lib", "lib"), ("/var/cache", "cache")] {
            if self.private_var
                && let Ok(rest) = path.strip_prefix(inside)
            {
                return self.path().join(dir).join(rest);
            }
        }
        path.to_owned()
    }

    /// A call of `writ`, with none of our own settings.
    pub(crate) fn command(&self, arguments: &[OsString]) -> Command {
        let mut command = if self.is_entered() {
            let mut command = Command::new("unshare");
            command.args(["--mount", "--", "sh", "-c", ENTER, "sh"]);
            command.arg(self.hidden().join(" "));
            command.arg(if self.private_var {
                self.path().as_os_str()
            } else {
                "".as_ref()
            });
            command.arg(self.user.unwrap_or_default());
            command.arg(&self.writ);
            command
        } else {
            Command::new(&self.writ)
        };
        command.args(arguments).current_dir(self.path());
        for name in environment::of_writ() {
            command.env_remove(name);
        }
        if self.user.is_some() {
            // Root's tools and directories are not an ordinary user's.
            command
                .env("PATH", "/usr/local/bin:/usr/bin:/bin")
                .env("HOME", self.home());
            for name in [
                "XDG_CACHE_HOME",
                "XDG_CONFIG_HOME",
                "XDG_DATA_HOME",
                "XDG_STATE_HOME",
            ] {
                command.env_remove(name);
            }
        }
        command
    }

    fn is_entered(&self) -> bool {
        self.user.is_some() || self.hides_postgres || self.private_var
    }

    fn hidden(&self) -> Vec<&'static str> {
        let hidden = if self.hides_postgres {
            INSTALLATIONS
        } else {
            &[]
        };
        hidden
            .iter()
            .copied()
            .filter(|dir| Path::new(dir).is_dir())
            .collect()
    }

    fn for_root_only(self) -> Option<Self> {
        if geteuid().is_root() {
            return Some(self);
        }
        assert!(
            !environment::is_ci(),
            "CI must run as root, or this is not tested at all"
        );
        eprintln!("left out: only root can hide or replace directories");
        None
    }
}

fn id(flag: &str) -> u32 {
    let output = std::process::Command::new("id")
        .args([flag, "nobody"])
        .output()
        .expect("id runs");
    let text = String::from_utf8(output.stdout).expect("a number");
    text.trim().parse().expect("there is a user nobody")
}
