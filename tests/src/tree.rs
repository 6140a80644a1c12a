//! The project's own files, as text.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders that hold what was built or fetched and not what was written.
const NOT_WRITTEN_HERE: [&str; 4] = ["target", "node_modules", ".git", "dist"];

/// A text file of the project.
#[derive(Debug)]
pub struct Source {
    /// Its path from the project's root, with forward slashes.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Every line with its number, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines that run in the product: without comments and without modules under `#[cfg(test)]`.
    ///
    /// A module begins and ends in the first column, as the formatter writes it.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut marked = false;
        let mut in_tests = false;
        self.lines().filter(move |(_, line)| {
            if in_tests {
                in_tests = *line != "}";
                return false;
            }
            in_tests = marked && line.starts_with("mod ") && line.ends_with('{');
            marked = line.starts_with("#[cfg(test)]") || (marked && line.starts_with("#["));
            !in_tests && !line.trim_start().starts_with("//")
        })
    }

    /// Whether the whole file is a test: it lies in a folder of tests or benches, or is the module `tests`.
    pub fn is_test(&self) -> bool {
        let mut folders = self.path.split('/');
        folders.any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
    }

    /// The crate under `crates/` that the file belongs to.
    pub fn krate(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }
}

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the root").to_owned()
}

/// Every text file that belongs to the project: tracked or about to be, or simply there where git is not.
pub fn project() -> Vec<Source> {
    let root = root();
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(&root)
        .output();
    let mut paths: Vec<String> = match listed {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8_lossy(&output.stdout).into_owned();
            names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        Ok(_) | Err(_) => walk(&root, ""),
    };
    paths.sort();
    paths.dedup();
    let read = |path: String| Some(Source { text: fs::read_to_string(root.join(&path)).ok()?, path });
    paths.into_iter().filter_map(read).collect()
}

/// The Rust files among them.
pub fn rust() -> Vec<Source> {
    project().into_iter().filter(|source| source.path.ends_with(".rs")).collect()
}

/// Fails with every line that broke the rule, each as `file:line`.
pub fn none_may(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

fn walk(folder: &Path, prefix: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if !entry.path().is_dir() {
            paths.push(path);
        } else if !NOT_WRITTEN_HERE.contains(&name.as_str()) {
            paths.extend(walk(&entry.path(), &format!("{path}/")));
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn the_product_is_what_is_neither_comment_nor_under_cfg_test() {
        let text =
            "a\n/// b\n#[cfg(test)]\n#[expect(x)]\nmod tests {\n    c\n}\n#[cfg(test)]\nuse d;\ne // f\n";
        let source = Source { path: "crates/x/src/lib.rs".into(), text: text.into() };
        let product: Vec<_> = source.product_lines().map(|(number, _)| number).collect();
        assert_eq!(product, [1, 3, 4, 8, 9, 10]);
    }

    #[test]
    fn a_file_is_a_test_by_its_folder_or_by_being_called_tests() {
        let at = |path: &str| Source { path: path.into(), text: String::new() };
        assert!(at("crates/x/tests/laws.rs").is_test() && at("crates/x/src/fold/tests.rs").is_test());
        assert!(!at("crates/x/src/contests.rs").is_test() && !at("README.md").is_test());
    }
}
