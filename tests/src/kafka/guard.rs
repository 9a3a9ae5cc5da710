//! What cleans up when a test cannot.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Waits for the end of its input, which is the end of the test; then ends whoever has left a
/// process id below the directory, and removes it.
const SCRIPT: &str = r#"
cat >/dev/null
for pid in "$1"/*/pid; do [ -f "$pid" ] && kill -9 "$(cat "$pid")"; done
rm -rf "$1" || rm -rf "$1"
"#;

/// A temporary directory, and a shell that holds the reading end of a pipe from this process.
#[derive(Debug)]
pub(super) struct Guard {
    dir: PathBuf,
    shell: Child,
}

impl Guard {
    pub(super) fn start() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("writ-kafka-")
            .tempdir()
            .expect("a temporary directory")
            .keep();
        // In a group of its own: who ends a test ends its whole group.
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(&dir)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell runs");
        Self { dir, shell }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            eprintln!("{}: {error}", self.dir.display());
        }
    }
}
