//! The rules of the code itself: who may import whom, how long things may be, what may not be written.
//!
//! Reads the sources as text. A rule that finds nothing proves nothing, so each is first tried on a snippet that
//! breaks it.

#[cfg(test)]
mod imports;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod source;
#[cfg(test)]
mod words;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;
    use std::sync::LazyLock;

    use crate::source::Source;
    use crate::{imports, limits, words};

    /// What a release is built from; `tests` and `benches` obey only the rules about words.
    const BUILT: [&str; 3] = ["src/", "entity/", "migration/"];

    fn collect(root: &Path, dir: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
                collect(root, &path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source::new(&name, &fs::read_to_string(&path).unwrap()));
            }
        }
    }

    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        for dir in BUILT.into_iter().chain(["tests/", "benches/"]) {
            collect(root, &root.join(dir), &mut found);
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    });

    /// The built sources, without the files that only tests are made of.
    fn built(all: &[Source]) -> Vec<&Source> {
        let tests: BTreeSet<String> = all.iter().flat_map(Source::test_files).collect();
        let is_built =
            |s: &&Source| BUILT.iter().any(|dir| s.path.starts_with(dir)) && !tests.contains(&s.path);
        all.iter().filter(is_built).collect()
    }

    fn none(faults: &[String]) {
        assert!(faults.is_empty(), "\n\n{}\n\n{} rules broken\n", faults.join("\n"), faults.len());
    }

    #[test]
    fn the_sources_are_found() {
        let all = &*SOURCES;
        for path in [
            "src/lib.rs",
            "src/http/problem.rs",
            "entity/src/lib.rs",
            "migration/src/lib.rs",
            "tests/layers/main.rs",
        ] {
            assert!(all.iter().any(|s| s.path == path), "{path} is not read");
        }
        assert!(built(all).len() > 150);
        assert!(built(all).iter().all(|s| !s.path.ends_with("/tests.rs")));
    }

    #[test]
    fn every_module_imports_only_what_its_layer_may() {
        let all = &*SOURCES;
        none(&built(all).into_iter().flat_map(imports::faults).collect::<Vec<_>>());
    }

    #[test]
    fn every_directory_of_the_source_has_an_import_rule() {
        let all = &*SOURCES;
        let lib = all.iter().find(|s| s.path == "src/lib.rs").unwrap();
        none(&imports::without_rule(lib));
    }

    #[test]
    fn files_functions_and_handlers_stay_within_their_budgets() {
        let all = &*SOURCES;
        none(&limits::faults(&built(all)));
    }

    #[test]
    fn every_file_says_what_it_is_and_none_leaves_loose_ends() {
        let all = &*SOURCES;
        let opened = all.iter().filter(|s| !s.path.ends_with("/tests.rs")).flat_map(words::opening);
        none(&opened.chain(all.iter().flat_map(words::loose_ends)).collect::<Vec<_>>());
    }
}
