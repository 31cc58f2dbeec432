//! Imports go one way, and the architecture page in `src/lib.rs` says which.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A module, and what it may import of ours besides itself.
const MAY: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("probes", &["core"]),
    ("notify", &["core"]),
    ("plan", &["core", "probes", "notify"]),
    ("journal", &["core", "paths", "access"]),
    ("readings", &["core", "wire"]),
    ("supervise", &["core"]),
    ("access", &[]),
    ("paths", &["core"]),
    ("wire", &["core", "paths"]),
    ("hub", &["core", "wire", "journal", "readings", "supervise", "paths"]),
    (
        "engine",
        &["core", "wire", "journal", "readings", "supervise", "paths", "hub", "plan", "probes", "notify", "access"],
    ),
    ("tui", &["core", "wire", "paths"]),
    ("demo", &[]),
    ("trust", &[]),
];

#[test]
fn imports_go_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (module, may) in MAY {
        for file in files(&src, module) {
            let text = std::fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                for found in imported(line) {
                    if found != *module && !may.contains(&found.as_str()) {
                        wrong.push(format!("{}:{}: {module} may not use {found}", file.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words between backquotes.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_architecture_page_says_the_same() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut above: BTreeSet<&str> = BTreeSet::new();
    let mut rows = 0;
    for line in page.lines().filter(|line| line.starts_with("//! | [`")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, module, _, may, _] = cells.as_slice() else { panic!("{line}") };
        let module = *quoted(module).first().unwrap();
        if let Some((_, known)) = MAY.iter().find(|(name, _)| *name == module) {
            let said = if *may == "all of the above" { above.clone() } else { quoted(may) };
            assert_eq!(said, known.iter().copied().collect(), "{module}");
            rows += 1;
        }
        above.insert(module);
    }
    assert_eq!(rows, MAY.len(), "a module has no row on the page");
}

#[test]
fn every_module_has_a_row() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let known: BTreeSet<&str> = MAY.iter().map(|(m, _)| *m).chain(["cli", "lib", "main"]).collect();
    for entry in std::fs::read_dir(src).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(known.contains(module), "src/{name} has no row in tests/it/layers.rs");
    }
}

/// The modules of ours that a line names by `crate::…`, outside of comments.
fn imported(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("crate::")
        .map(|(at, found)| code[at + found.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .filter(|name: &String| name.chars().next().is_some_and(char::is_lowercase))
        .collect()
}

fn files(src: &Path, module: &str) -> Vec<PathBuf> {
    let mut found = vec![src.join(format!("{module}.rs"))];
    let mut dirs = vec![src.join(module)];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.retain(|f| f.exists());
    found
}
