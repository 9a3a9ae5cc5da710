//! The digests of the files, beside them: who changes a fragment as a whole changes these too.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use writ_envelope::Hash;

use super::listed;

const NAME: &str = "SHA256SUMS";

/// What is said of each file, by its path below `root`.
pub(super) fn said(root: &Path) -> BTreeMap<String, String> {
    let lines = fs::read_to_string(root.join(NAME)).unwrap();
    let pairs = lines.lines().map(|line| line.split_once("  ").unwrap());
    pairs
        .map(|(sum, path)| (path.to_owned(), sum.to_owned()))
        .collect()
}

/// What is so of each file.
pub(super) fn found(root: &Path) -> BTreeMap<String, String> {
    let mut sums = BTreeMap::new();
    for release in listed(root).into_iter().filter(|path| path.is_dir()) {
        for path in listed(&release).iter().flat_map(|dir| listed(dir)) {
            let below = path.strip_prefix(root).unwrap().to_str().unwrap();
            let sum = Hash(Sha256::digest(fs::read(&path).unwrap()).into());
            sums.insert(below.to_owned(), sum.to_string());
        }
    }
    sums
}

/// Adds what is not said yet, and changes nothing that is.
pub(super) fn write(root: &Path) {
    let mut sums = found(root);
    if root.join(NAME).exists() {
        sums.extend(said(root));
    }
    let lines = sums.iter().map(|(path, sum)| format!("{sum}  {path}\n"));
    fs::write(root.join(NAME), lines.collect::<String>()).unwrap();
}
