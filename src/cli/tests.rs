//! Arguments as a person types them, and what they mean.

use super::*;

fn run(line: &str) -> Result<Verb, Stop> {
    parse(line.split_whitespace().map(OsString::from), Some(100))
}

/// Every command with the words that lead to it.
fn all(command: &clap::Command, name: &str) -> Vec<(String, clap::Command)> {
    let mut found = vec![(name.to_owned(), command.clone())];
    for verb in command.get_subcommands() {
        found.extend(all(verb, &format!("{name} {}", verb.get_name())));
    }
    found
}

#[test]
fn the_types_are_consistent() {
    command().debug_assert();
}

#[test]
fn values_files_keep_the_order_of_the_line() {
    let check = |line: &str, expect: &str| {
        let Ok(Verb::Lint(lint)) = run(&format!("lint {line}")) else { panic!("{line}") };
        assert_eq!(lint.values.inputs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), expect, "{line}");
    };
    check("a", "a");
    check("a b -f c", "a b c");
    check("-f c a b", "c a b");
    check("-f a b --values=c d", "a b c d");
    check("-f a,b -", "a b standard input");
    check("a --output json b", "a b");
    check("-- -f", "-f");
}

#[test]
fn wrong_usage_is_64_and_answers_are_0() {
    let check = |line: &str, code, expect: &str| {
        let stop = run(line).unwrap_err();
        assert_eq!(stop.exit_code(), code, "{line}");
        let (Stop::Answer(text) | Stop::Misuse(text)) = stop;
        assert!(text.contains(expect), "{line}: {text}");
    };
    check("", 0, "Usage: helm ha <COMMAND>");
    check("--help", 0, "helm ha generate homelab.yaml");
    check("--version", 0, concat!("helm ha ", env!("CARGO_PKG_VERSION")));
    check("lint --help", 0, "Usage: helm ha lint [OPTIONS] <FILE|--values <FILE>>");
    check("help lint", 0, "Usage: helm ha lint");
    check("lint", 64, "<FILE|--values <FILE>>");
    check("lint - -f -", 64, "can be read only once");
    check("generat a", 64, "similar subcommand exists: 'generate'");
    check("generate a --version 1.0", 64, "invalid value '1.0' for '--version <VERSION>'");
    check("generate a --chek", 64, "similar argument exists: '--check'");
    check("lint a --deny errors", 64, "[possible values: warnings]");
    check("verify", 64, "<ARCHIVE>");
}

#[test]
fn every_verb_shows_an_example() {
    for (name, command) in all(&command(), "helm ha") {
        let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(example.starts_with(&format!("Example:\n  {name}")), "{name}: {example}");
        for line in example.lines().skip(1) {
            let line = line.split("  ").find(|part| !part.is_empty()).unwrap();
            let line = line.split(['|', '>']).next().unwrap().trim().strip_prefix("helm ha ").unwrap();
            assert!(run(line).is_ok(), "{line}");
        }
    }
}

/// The list of Helm 3.21 `cmd/helm/load_plugins.go` and of Helm 4.3 `pkg/cmd/load_plugins.go`.
#[test]
fn no_flag_is_one_that_helm_takes_away() {
    let helms = [
        "debug",
        "kube-context",
        "namespace",
        "kubeconfig",
        "kube-apiserver",
        "kube-token",
        "kube-as-user",
        "kube-as-group",
        "kube-ca-file",
        "registry-config",
        "repository-cache",
        "repository-config",
        "kube-insecure-skip-tls-verify",
        "kube-tls-server-name",
    ];
    for (name, command) in all(&command(), "helm ha") {
        for flag in command.get_arguments() {
            assert!(flag.get_short() != Some('n'), "{name} -n");
            assert!(!flag.get_long().is_some_and(|long| helms.contains(&long)), "{name} {flag}");
        }
    }
}
