//! Where things are kept when nobody says.
//!
//! An ordinary user's are the XDG directories. Root's are `/var/lib/writ` and `/var/cache/writ`:
//! as root, Postgres runs as another user, who could not enter root's home.

use std::path::PathBuf;

use super::Environment;

/// Whether this process runs as root.
pub(crate) fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Where the ledger is kept. Nothing if this user has no home.
pub(crate) fn data_dir(environment: &Environment, root: bool) -> Option<PathBuf> {
    if root {
        return Some(PathBuf::from("/var/lib/writ"));
    }
    directory(environment, "XDG_DATA_HOME", ".local/share")
}

/// Where what can be fetched again is kept. Nothing if this user has no home.
pub(crate) fn cache_dir(environment: &Environment, root: bool) -> Option<PathBuf> {
    if root {
        return Some(PathBuf::from("/var/cache/writ"));
    }
    directory(environment, "XDG_CACHE_HOME", ".cache")
}

fn directory(environment: &Environment, variable: &str, below_home: &str) -> Option<PathBuf> {
    environment
        .directory(variable)
        .or_else(|| {
            environment
                .directory("HOME")
                .map(|home| home.join(below_home))
        })
        .map(|base| base.join("writ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_user_keeps_data_in_the_xdg_directory() {
        let home = Environment::from([("HOME", "/home/ann")]);
        assert_eq!(
            data_dir(&home, false),
            Some("/home/ann/.local/share/writ".into())
        );
        assert_eq!(
            cache_dir(&home, false),
            Some("/home/ann/.cache/writ".into())
        );
        let xdg = Environment::from([("HOME", "/home/ann"), ("XDG_DATA_HOME", "/data")]);
        assert_eq!(data_dir(&xdg, false), Some("/data/writ".into()));
        // The XDG specification: a relative path is to be ignored.
        let relative = Environment::from([("HOME", "/home/ann"), ("XDG_DATA_HOME", "data")]);
        assert_eq!(
            data_dir(&relative, false),
            Some("/home/ann/.local/share/writ".into())
        );
    }

    #[test]
    fn root_keeps_data_where_another_user_can_enter() {
        let home = Environment::from([("HOME", "/root")]);
        assert_eq!(data_dir(&home, true), Some("/var/lib/writ".into()));
        assert_eq!(cache_dir(&home, true), Some("/var/cache/writ".into()));
    }

    #[test]
    fn a_user_without_a_home_has_no_default() {
        assert_eq!(data_dir(&Environment::default(), false), None);
    }
}
