//! A folder with a configuration, and commands run in it with nothing of this process's environment.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::database::Database;

/// What a command said and how it ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Standard output of a command that went well.
    #[track_caller]
    pub fn good(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// Standard error of a command that failed and said nothing elsewhere.
    #[track_caller]
    pub fn bad(self) -> String {
        assert_ne!(self.code, 0, "{}{}", self.out, self.err);
        assert_eq!(self.out, "");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        // Whatever a signal ended has no code.
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Where commands run.
pub struct Place {
    pub dir: tempfile::TempDir,
    pub environment: Vec<(String, String)>,
}

/// A file at the root of the repository.
pub fn of_repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

impl Place {
    /// An empty folder and an empty environment.
    pub fn bare() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// The example configuration as it stands, with a fresh master key.
    pub fn new() -> Self {
        let mut place = Self::bare();
        std::fs::copy(of_repository("countersign.example.toml"), place.path("countersign.toml")).unwrap();
        let key = place.run(&["keygen"]).good();
        place.set("SECRETS__MASTER_KEY", key.trim());
        // Nobody distributes requests over most tests' processes.
        place.set("SERVER__DRAIN", "0s");
        place
    }

    /// The same on a given database.
    pub fn on(database: &Database) -> Self {
        let mut place = Self::new();
        place.set("DATABASE__URL", &database.url);
        place
    }

    /// Gives a setting by its variable.
    pub fn set(&mut self, key: &str, value: &str) {
        let name = format!("COUNTERSIGN_{key}");
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.to_owned()));
    }

    /// Takes it back.
    pub fn unset(&mut self, key: &str) {
        self.environment.retain(|(known, _)| *known != format!("COUNTERSIGN_{key}"));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The command, ready to start.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(arguments).current_dir(self.dir.path()).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end. No secret that it was given comes back.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let ran = Ran::from(self.command(arguments).output().unwrap());
        self.silent(&ran.out);
        self.silent(&ran.err);
        ran
    }

    /// The same with a line on standard input.
    #[track_caller]
    pub fn told(&self, arguments: &[&str], line: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
        Ran::from(child.wait_with_output().unwrap())
    }

    /// Asserts that a text holds no secret of the environment.
    #[track_caller]
    pub fn silent(&self, said: &str) {
        for (name, value) in &self.environment {
            if name.contains("MASTER_KEY") && !name.ends_with("_FILE") {
                assert!(!said.contains(value.as_str()), "{name} in {said}");
            }
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
}
