//! Which programs of Postgres are used.
//!
//! Installed ones first, in a fixed order of places; the newest first within a place that has
//! several. Only programs that the account can run count, and only a directory that has both
//! `postgres` and `initdb`: `pg_config` alone is often there without a server.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tracing::{debug, info};

use super::{Account, Error, download};
use crate::config::{Environment, PostgresChoice};

/// The oldest release that the store's statements run on.
const OLDEST: u32 = 15;

/// Directories that hold one per release, by system: Debian, PGDG on Red Hat, Homebrew, Postgres.app.
const PER_RELEASE: [(&str, &str); 6] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "bin"),
];

/// What a person would type to install Postgres here.
#[cfg(target_os = "macos")]
const INSTALL: &str = "brew install postgresql@17";
#[cfg(not(target_os = "macos"))]
const INSTALL: &str = "apt-get install postgresql";

/// Programs of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    directory: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Those in `directory`, if the account can run them and they are new enough.
    async fn in_directory(directory: &Path, account: &Account) -> Option<Self> {
        // Postgres finds its other files beside its real place, and links to it are common.
        let postgres = std::fs::canonicalize(directory.join("postgres")).ok()?;
        let directory = postgres.parent()?.to_owned();
        if !directory.join("initdb").is_file() {
            return None;
        }
        let answer = account
            .command(&postgres)
            .arg("--version")
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .ok()?;
        let major = major(&String::from_utf8_lossy(&answer.stdout))?;
        (major >= OLDEST).then_some(Self { directory, major })
    }
}

/// Chooses programs for a cluster of release `wanted`, or for one that is still to be made.
pub(super) async fn choose(
    choice: &PostgresChoice,
    wanted: Option<u32>,
    account: &Account,
    cache: Option<&Path>,
) -> Result<Binaries, Error> {
    let fits = |binaries: &Binaries| wanted.is_none_or(|major| binaries.major == major);
    let places = match choice {
        PostgresChoice::Directory(directory) => vec![directory.clone()],
        PostgresChoice::Download => Vec::new(),
        PostgresChoice::Auto => places(&Environment::of_process()).await,
    };
    let mut found = Vec::new();
    for place in &places {
        let Some(binaries) = Binaries::in_directory(place, account).await else {
            continue;
        };
        if fits(&binaries) {
            debug!(directory = %binaries.directory.display(), major = binaries.major, "found postgres");
            return Ok(binaries);
        }
        if !found.contains(&binaries.major) {
            found.push(binaries.major);
        }
    }
    if let PostgresChoice::Directory(directory) = choice
        && found.is_empty()
    {
        return Err(Error::NotThere {
            directory: directory.clone(),
        });
    }
    let fetchable = wanted.is_none_or(|major| major == download::MAJOR);
    if matches!(choice, PostgresChoice::Directory(_)) || !fetchable {
        let wanted = wanted.unwrap_or(OLDEST);
        let found = found
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let found = if found.is_empty() {
            "no release at all".to_owned()
        } else {
            found
        };
        return Err(Error::OtherVersion { wanted, found });
    }
    fetched(account, cache)
        .await
        .map_err(|source| match choice {
            PostgresChoice::Auto => Error::NotInstalled {
                command: INSTALL,
                source: Box::new(source),
            },
            PostgresChoice::Download | PostgresChoice::Directory(_) => source,
        })
}

async fn fetched(account: &Account, cache: Option<&Path>) -> Result<Binaries, Error> {
    let cache = cache.ok_or(Error::NoCache)?;
    let directory = match download::kept(cache) {
        Some(directory) => directory,
        None => download::fetch(cache).await?,
    };
    account.check_entry(&directory).await?;
    let binaries = Binaries::in_directory(&directory, account).await;
    let binaries = binaries.ok_or_else(|| Error::NotThere {
        directory: directory.clone(),
    })?;
    info!(directory = %directory.display(), "using the prebuilt postgres");
    Ok(binaries)
}

/// Every directory to look into, best first.
async fn places(environment: &Environment) -> Vec<PathBuf> {
    let mut places = Vec::new();
    places.extend(asked().await);
    for (parent, below) in PER_RELEASE {
        places.extend(releases(Path::new(parent), below));
    }
    if let Some(path) = environment.get("PATH") {
        places.extend(std::env::split_paths(path).filter(|place| place.is_absolute()));
    }
    places
}

async fn asked() -> Option<PathBuf> {
    let answer = tokio::process::Command::new("pg_config")
        .arg("--bindir")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    let directory = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    directory.is_absolute().then_some(directory)
}

/// `<parent>/<name with a release number>/<below>`, the newest release first.
fn releases(parent: &Path, below: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            Some((
                release(entry.file_name().to_str()?)?,
                entry.path().join(below),
            ))
        })
        .collect();
    found.sort_by(|(a, at_a), (b, at_b)| b.cmp(a).then_with(|| at_a.cmp(at_b)));
    found.into_iter().map(|(_, directory)| directory).collect()
}

/// The release in a directory's name: `16`, `pgsql-16`, `postgresql@16`. Plain `postgresql` is
/// Homebrew's name for the newest.
fn release(name: &str) -> Option<u32> {
    if name == "postgresql" {
        return Some(u32::MAX);
    }
    let number = ["pgsql-", "postgresql@", ""]
        .into_iter()
        .find_map(|p| name.strip_prefix(p))?;
    number.parse().ok()
}

/// The release in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(said: &str) -> Option<u32> {
    let version = said.trim().strip_prefix("postgres (PostgreSQL) ")?;
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A directory with programs that say they are of `version`.
    fn programs(directory: &Path, version: &str) {
        std::fs::create_dir_all(directory).unwrap();
        for name in ["postgres", "initdb"] {
            let path = directory.join(name);
            std::fs::write(
                &path,
                format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"),
            )
            .unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn the_release_is_read_from_what_postgres_says() {
        for (said, expected) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18.6\n", Some(18)),
            ("postgres (PostgreSQL) 19beta1\n", Some(19)),
            ("postgres (EnterpriseDB) 15\n", None),
            ("", None),
        ] {
            assert_eq!(major(said), expected, "{said}");
        }
    }

    #[test]
    fn releases_are_looked_at_newest_first() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "9.6",
            "15",
            "postgresql@16",
            "pgsql-17",
            "share",
            "postgresql",
        ] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        let found = releases(dir.path(), "bin");
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(dir.path()).unwrap())
            .collect();
        let expected = [
            "postgresql/bin",
            "pgsql-17/bin",
            "postgresql@16/bin",
            "15/bin",
        ];
        assert_eq!(names, expected.map(Path::new));
    }

    #[tokio::test]
    async fn a_link_to_postgres_leads_to_its_real_place() {
        let dir = tempfile::tempdir().unwrap();
        let real = std::fs::canonicalize(dir.path()).unwrap().join("16/bin");
        programs(&real, "16.2");
        let links = dir.path().join("links");
        std::fs::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(real.join("postgres"), links.join("postgres")).unwrap();
        let found = Binaries::in_directory(&links, &Account::Own).await;
        assert_eq!(
            found,
            Some(Binaries {
                directory: real,
                major: 16
            })
        );
    }

    #[tokio::test]
    async fn a_directory_without_initdb_or_of_an_old_release_does_not_count() {
        let dir = tempfile::tempdir().unwrap();
        let client_only = dir.path().join("client");
        programs(&client_only, "16.2");
        std::fs::remove_file(client_only.join("initdb")).unwrap();
        assert_eq!(
            Binaries::in_directory(&client_only, &Account::Own).await,
            None
        );
        let old = dir.path().join("old");
        programs(&old, "14.9");
        assert_eq!(Binaries::in_directory(&old, &Account::Own).await, None);
    }

    #[tokio::test]
    async fn programs_of_another_release_than_the_clusters_are_refused_by_number() {
        let dir = tempfile::tempdir().unwrap();
        programs(dir.path(), "16.2");
        let choice = PostgresChoice::Directory(dir.path().to_owned());
        let chosen = choose(&choice, Some(16), &Account::Own, None)
            .await
            .unwrap();
        assert_eq!(chosen.major, 16);
        let refused = choose(&choice, Some(17), &Account::Own, None)
            .await
            .unwrap_err();
        assert!(matches!(refused, Error::OtherVersion { wanted: 17, ref found } if found == "16"));
    }

    #[tokio::test]
    async fn an_empty_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let choice = PostgresChoice::Directory(dir.path().to_owned());
        let refused = choose(&choice, None, &Account::Own, None)
            .await
            .unwrap_err();
        assert!(matches!(refused, Error::NotThere { .. }), "{refused:?}");
    }
}
