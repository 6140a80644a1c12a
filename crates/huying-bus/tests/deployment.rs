//! The files of a large deployment are those of the roles, and the real server takes them.

#![expect(clippy::unwrap_used, reason = "a story whose parts cannot be set up stops there")]

use huying_bus::{
    role::members::{MembersError, deployment_text},
    server::program::Program,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// The variables that the configuration expects from its environment.
fn variables(text: &str) -> BTreeSet<&str> {
    let tokens = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$'));
    let names = tokens.filter_map(|token| token.strip_prefix('$'));
    names.filter(|name| name.starts_with("PASSWORD_") || *name == "STORE_KEY").collect()
}

#[test]
fn the_accounts_of_a_large_deployment_are_those_of_the_roles() {
    let written = deployment_text(&text("members.toml")).unwrap();
    assert!(written == text("accounts.conf"), "deploy/nats/accounts.conf: run `make nats-accounts`");
}

/// Certificates are made on the spot where there is openssl; else the server tries the files without TLS.
#[test]
fn a_real_server_takes_each_of_the_three() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
    let program =
        Program::find(None, std::env::var_os("PATH").as_deref(), &[beside]).expect("`make nats` was run");
    let copy = TempDir::new().unwrap();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let kept = [".conf", ".sh"].iter().any(|end| path.to_string_lossy().ends_with(end));
        if kept {
            fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let openssl = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if openssl {
        let made = Command::new("bash").arg(copy.path().join("certificates.sh")).status().unwrap();
        assert!(made.success());
    } else {
        eprintln!("skipped: TLS of the large deployment, for want of openssl");
    }
    assert!(Command::new("bash").arg(copy.path().join("secrets.sh")).status().unwrap().success());
    let secrets = fs::read_to_string(copy.path().join("secrets.env")).unwrap();
    let secrets: Vec<_> = secrets.lines().map(|line| line.split_once('=').unwrap()).collect();
    let expected = format!("{}{}", text("accounts.conf"), text("common.conf"));
    assert_eq!(secrets.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), variables(&expected));
    for nth in 1..=3 {
        let name = format!("server-{nth}.conf");
        if !openssl {
            let without = text(&name).replace("certificates/", "absent/");
            let without: Vec<_> = without.split("tls {").collect();
            let kept = without.iter().enumerate().map(|(index, part)| match index {
                0 => *part,
                _ => part.split_once('}').unwrap().1,
            });
            fs::write(copy.path().join(&name), kept.collect::<String>()).unwrap();
        }
        let mut trial = Command::new(program.path());
        trial.args(["-t", "-c", &name]).current_dir(copy.path()).envs(secrets.iter().copied());
        let output = trial.output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_list_of_members_that_is_wrong_is_refused() {
    let nameless = "[[member]]\nrole = \"units\"\nunits = [\"gas\", \"water\"]\n";
    assert!(matches!(deployment_text(nameless), Err(MembersError::Nameless)));
    let twice = "[[member]]\nrole = \"observer\"\n[[member]]\nrole = \"observer\"\n";
    assert!(matches!(deployment_text(twice), Err(MembersError::Twice(user)) if user.as_str() == "observer"));
    for hostile in ["a.b", "*", ">", "A", "a b", "a\\\"", ""] {
        let unit = format!("[[member]]\nrole = \"units\"\nunits = [\"{hostile}\"]\n");
        assert!(matches!(deployment_text(&unit), Err(MembersError::Form(_))), "{hostile}");
        let user = format!("[[member]]\nuser = \"{hostile}\"\nrole = \"observer\"\n");
        assert!(matches!(deployment_text(&user), Err(MembersError::User(_))), "{hostile}");
    }
}
