//! The programs of Kafka, from Maven's central repository.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{cache, run};

const VERSION: &str = "4.2.0";

/// Kafka with its tools, and a logger for it that writes to standard error.
const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>writ</groupId>
  <artifactId>kafka-of-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>@VERSION@</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>@VERSION@</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"#;

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// A directory with all jars of a Kafka, and a Java that can run them.
#[derive(Debug)]
pub(crate) struct Jars {
    dir: PathBuf,
}

impl Jars {
    /// The jars in the cache; fetched first if this machine does not have them.
    pub(crate) fn find() -> Result<Self> {
        require_java()?;
        let pom = POM.replace("@VERSION@", VERSION);
        let mut hasher = DefaultHasher::new();
        pom.hash(&mut hasher);
        let name = format!("kafka-{VERSION}-{:016x}", hasher.finish());
        let entry = cache::entry(&cache::dir()?, &name, |dir| {
            eprintln!("fetching Apache Kafka {VERSION}");
            fetch(&pom, dir)
        })?;
        Ok(Self {
            dir: entry.join("libs"),
        })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn version() -> String {
        format!("Apache Kafka {VERSION}")
    }
}

fn fetch(pom: &str, dir: &Path) -> Result<()> {
    fs::write(dir.join("pom.xml"), pom).context("failed to write pom.xml")?;
    run::quietly(
        Command::new("mvn")
            .args(["--quiet", "--batch-mode", COPY, "-DoutputDirectory=libs"])
            .current_dir(dir),
    )
    .context(
        "failed to fetch Apache Kafka; Maven is needed \
         (Debian: apt-get install maven; macOS: brew install maven)",
    )?;
    let jar = dir.join(format!("libs/kafka_2.13-{VERSION}.jar"));
    ensure!(jar.is_file(), "Maven has left no {}", jar.display());
    Ok(())
}

/// The tests' own client is a source file, which Java compiles when it starts: a runtime alone will
/// not do. Brokers need Java 17.
fn require_java() -> Result<()> {
    let mut java = Command::new("java");
    java.args(["--describe-module", "jdk.compiler"]);
    let described = run::read(&mut java).context(
        "a JDK is needed, 17 or newer (Debian: apt-get install default-jdk-headless; \
         macOS: brew install openjdk)",
    )?;
    let major = described.split_once("jdk.compiler@").and_then(|(_, rest)| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits?.parse::<u32>().ok()
    });
    ensure!(
        major.is_some_and(|major| major >= 17),
        "Kafka needs Java 17 or newer; `java` is {described}"
    );
    Ok(())
}
