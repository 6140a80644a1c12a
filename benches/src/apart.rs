//! A measurement in a process of its own: the same program, told the size by an argument.

use std::process::{Command, Stdio};

const SIZE: &str = "--apart";

/// The size that this process is to measure alone; none in the process that was started by a person.
pub fn size() -> Option<u64> {
    after(SIZE)?.parse().ok()
}

/// The argument behind a word.
pub fn after(word: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != word);
    arguments.nth(1)
}

/// Runs this program for a size and hands out what it said.
pub fn run(size: u64, more: &[&str]) -> String {
    let program = std::env::current_exe().expect("it runs");
    let mut command = Command::new(program);
    command.args([SIZE, &size.to_string()]).args(more).stderr(Stdio::inherit());
    let output = command.output().expect("it runs again");
    assert!(output.status.success(), "size {size} failed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
