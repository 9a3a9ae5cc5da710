//! What the generators make, compared with what is in `schemas/`.
//!
//! A directory that holds a generated file holds nothing else: a file in it that no generator
//! makes is one that a generator made once, and goes. Golden vectors are the exception: they are
//! bytes that a release may have written, so they are added to, and never changed or removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run;

/// The files of `schemas/` that are not as the generators make them.
#[derive(Debug, Default)]
pub(super) struct Difference {
    write: BTreeMap<PathBuf, String>,
    remove: BTreeSet<PathBuf>,
}

impl Difference {
    /// Generates everything and compares it with the checkout.
    pub(super) fn find(writ: Option<&Path>) -> Result<Self> {
        compare(
            &run::root().join("schemas"),
            documents(writ)?,
            writ_envelope::vectors(),
        )
    }

    pub(super) fn is_none(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty()
    }

    /// Makes the checkout as the generators would have it.
    pub(super) fn settle(self) -> Result<()> {
        for (path, contents) in self.write {
            if let Some(dir) = path.parent() {
                fs::create_dir_all(dir)
                    .with_context(|| format!("failed to make {}", dir.display()))?;
            }
            fs::write(&path, contents)
                .with_context(|| format!("failed to write {}", path.display()))?;
        }
        for path in self.remove {
            fs::remove_file(&path)
                .with_context(|| format!("failed to remove {}", path.display()))?;
        }
        Ok(())
    }
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for path in self.write.keys() {
            writeln!(f, "  to write: {}", path.display())?;
        }
        for path in &self.remove {
            writeln!(f, "  to remove: {}", path.display())?;
        }
        Ok(())
    }
}

/// Files that follow the code, by their path under `schemas/`.
fn documents(writ: Option<&Path>) -> Result<Vec<(String, String)>> {
    let mut files = writ_envelope::schemas();
    files.extend(writ_http::problem::documents());
    files.push(("openapi.json".to_owned(), openapi(writ)?));
    Ok(files)
}

/// What the program says of its routes.
fn openapi(writ: Option<&Path>) -> Result<String> {
    let mut command = match writ {
        Some(writ) => Command::new(writ),
        None => run::cargo(&["run", "--quiet", "--package", "writ-server", "--"]),
    };
    run::read(command.arg("openapi"))
}

fn compare(
    root: &Path,
    documents: Vec<(String, String)>,
    vectors: Vec<(String, String)>,
) -> Result<Difference> {
    let mut difference = Difference::default();
    let mut made = BTreeSet::new();
    for (name, contents) in documents {
        let path = root.join(name);
        made.insert(path.clone());
        if read(&path)?.as_ref() != Some(&contents) {
            difference.write.insert(path, contents);
        }
    }
    let dirs: BTreeSet<&Path> = made
        .iter()
        .filter_map(|path| path.parent())
        .filter(|dir| *dir != root && dir.exists())
        .collect();
    for dir in dirs {
        for path in files_in(dir)? {
            if !made.contains(&path) {
                difference.remove.insert(path);
            }
        }
    }
    for (name, contents) in vectors {
        let path = root.join(name);
        match read(&path)? {
            Some(present) => ensure!(
                present == contents,
                "{} would change: old bytes must decode for ever, so make a new version instead",
                path.display()
            ),
            None => drop(difference.write.insert(path, contents)),
        }
    }
    Ok(difference)
}

fn read(path: &Path) -> Result<Option<String>> {
    let contents = path.exists().then(|| fs::read_to_string(path)).transpose();
    contents.with_context(|| format!("failed to read {}", path.display()))
}

fn files_in(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("failed to read {}", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.context("failed to read a directory entry")?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, contents: &str) -> (String, String) {
        (name.to_owned(), contents.to_owned())
    }

    /// A directory of our own, removed with its contents.
    struct Root(PathBuf);

    impl Root {
        fn with(name: &str, files: &[(&str, &str)]) -> Self {
            let root = std::env::temp_dir().join(format!("writ-{name}-{}", std::process::id()));
            for (name, contents) in files {
                let path = root.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, contents).unwrap();
            }
            Self(root)
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn documents_follow_the_generators() {
        let root = Root::with(
            "documents",
            &[
                ("a/same.md", "1"),
                ("a/other.md", "old"),
                ("a/gone.md", "2"),
                ("by-hand/x.md", "3"),
            ],
        );
        let documents = || {
            vec![
                file("a/same.md", "1"),
                file("a/other.md", "new"),
                file("b/fresh.md", "4"),
            ]
        };
        let difference = compare(&root.0, documents(), Vec::new()).unwrap();
        assert_eq!(
            difference.to_string(),
            format!(
                "  to write: {0}/a/other.md\n  to write: {0}/b/fresh.md\n  to remove: {0}/a/gone.md\n",
                root.0.display()
            )
        );
        difference.settle().unwrap();
        assert!(compare(&root.0, documents(), Vec::new()).unwrap().is_none());
        assert!(root.0.join("by-hand/x.md").exists());
    }

    #[test]
    fn a_vector_is_added_and_never_changed() {
        let root = Root::with("vectors", &[("vectors/old.json", "1")]);
        let add = vec![file("vectors/old.json", "1"), file("vectors/new.json", "2")];
        compare(&root.0, Vec::new(), add).unwrap().settle().unwrap();
        assert_eq!(
            fs::read_to_string(root.0.join("vectors/new.json")).unwrap(),
            "2"
        );
        let change = vec![file("vectors/old.json", "3")];
        assert!(compare(&root.0, Vec::new(), change).is_err());
    }
}
