//! As much of the Dockerfile's language as ours uses.

/// An instruction with its arguments, continued lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) name: String,
    pub(super) arguments: String,
}

/// One `FROM` and what follows it.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) image: String,
    pub(super) name: Option<String>,
    instructions: Vec<Instruction>,
}

impl Stage {
    /// The arguments of each instruction of that name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.instructions
            .iter()
            .filter(move |one| one.name == name)
            .map(|one| one.arguments.as_str())
    }

    /// The words of the last instruction of that name, which is the one that holds; as JSON if it
    /// is written so.
    #[track_caller]
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let last = self.all(name).last();
        let last = last.unwrap_or_else(|| panic!("there is no {name}"));
        serde_json::from_str(last)
            .unwrap_or_else(|_| last.split_whitespace().map(str::to_owned).collect())
    }
}

pub(super) fn parse(text: &str) -> Vec<Stage> {
    let lines = text.lines().map(str::trim);
    let code: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let mut stages: Vec<Stage> = Vec::new();
    for line in code.join("\n").replace("\\\n", " ").lines() {
        let (name, arguments) = line.split_once(' ').expect("an instruction with arguments");
        if name == "FROM" {
            let words: Vec<_> = arguments.split_whitespace().collect();
            stages.push(Stage {
                image: words[0].to_owned(),
                name: words.get(2).map(|name| (*name).to_owned()),
                instructions: Vec::new(),
            });
        } else {
            let stage = stages.last_mut().expect("FROM comes first");
            stage.instructions.push(Instruction {
                name: name.to_owned(),
                arguments: arguments.trim().to_owned(),
            });
        }
    }
    stages
}

#[test]
fn stages_and_continued_lines_are_read() {
    let text = "# about\nFROM a:1 AS b\nRUN x \\\n    # why\n    && y\nFROM c:2\nCMD [\"d\", \"e\"]\nCMD f\n";
    let [first, second] = &parse(text)[..] else {
        panic!("two stages");
    };
    assert_eq!((&*first.image, first.name.as_deref()), ("a:1", Some("b")));
    let run: Vec<_> = first.all("RUN").collect();
    assert_eq!(
        run[0].split_whitespace().collect::<Vec<_>>(),
        ["x", "&&", "y"]
    );
    assert_eq!(second.name, None);
    assert_eq!(second.all("CMD").next(), Some(r#"["d", "e"]"#));
    assert_eq!(second.words("CMD"), ["f"]);
}
