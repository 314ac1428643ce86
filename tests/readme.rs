//! The README says what the program does: its tables are compared with the code.

#[cfg(test)]
mod tests {
    use countersign::config;
    use countersign::domain::id::TenantId;
    use countersign::domain::tenant::Tenant;
    use serde_json::{Value, json};

    const README: &str = include_str!("../README.md");
    const PROBLEM: &str = include_str!("../src/http/problem.rs");
    const COMMANDS: &str = include_str!("../src/cli/mod.rs");

    /// The lines from the one that holds `start` to the next heading.
    fn section(start: &str) -> &'static str {
        let from =
            README.find(&format!("\n{start}\n")).unwrap_or_else(|| panic!("no {start:?} in the README"));
        let section = &README[from + start.len() + 2..];
        section.split("\n#").next().unwrap_or(section)
    }

    #[test]
    fn the_settings_are_those_of_the_program() {
        let (_, rest) = README.split_once("<!-- config:begin -->\n").unwrap();
        let (table, _) = rest.split_once("<!-- config:end -->").unwrap();
        let expected = config::markdown();
        assert!(table == expected, "put this between the markers in README.md:\n\n{expected}");
    }

    #[test]
    fn every_error_code_is_explained_with_its_status() {
        let status = |name: &str| match name {
            "BAD_REQUEST" => 400,
            "UNAUTHORIZED" => 401,
            "FORBIDDEN" => 403,
            "NOT_FOUND" => 404,
            "METHOD_NOT_ALLOWED" => 405,
            "CONFLICT" => 409,
            "PAYLOAD_TOO_LARGE" => 413,
            "UNPROCESSABLE_ENTITY" => 422,
            "TOO_MANY_REQUESTS" => 429,
            "INTERNAL_SERVER_ERROR" => 500,
            "SERVICE_UNAVAILABLE" => 503,
            other => panic!("{other} is not known to this test"),
        };
        let (_, codes) = PROBLEM.split_once("\ncodes! {\n").unwrap();
        let codes: Vec<_> = codes.lines().take_while(|line| *line != "}").collect();
        let table = section("### When a call is refused");
        for line in &codes {
            let (before, after) = line.split_once('"').unwrap();
            let (code, after) = after.split_once('"').unwrap();
            let name = after.split_whitespace().next().unwrap();
            let row = format!("\n| `{code}` | {} | ", status(name));
            assert!(table.contains(&row), "{before}: no row{row}");
        }
        assert!(codes.len() > 15);
        assert_eq!(table.lines().filter(|line| line.starts_with("| `")).count(), codes.len());
    }

    /// All Rust files below a folder of the project.
    fn sources(folder: &std::path::Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                sources(&path, into);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn every_test_against_an_attack_exists() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut code = String::new();
        for folder in ["src", "tests"] {
            sources(&root.join(folder), &mut code);
        }
        let rows =
            section("### Attacks that fool people").lines().filter(|line| line.starts_with("| ")).skip(2);
        let mut count = 0;
        for row in rows {
            let tests = row.split(" | ").nth(2).unwrap();
            let names: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
            assert!(!names.is_empty() || row.contains("*limit*"), "{row}");
            for name in names {
                assert!(code.contains(&format!("fn {name}(")), "{name} is no test");
                count += 1;
            }
        }
        assert!(count > 30, "{count}");
    }

    /// The keys that a tenant's document may have at `path`, as the fault about an unknown one lists them.
    fn known_keys(path: &[&str]) -> Vec<String> {
        let document =
            path.iter().rev().fold(json!({"no_such_key": 1}), |inner, key| json!({ (*key): inner }));
        let with_name = match document {
            Value::Object(mut fields) => {
                fields.insert("name".into(), "A".into());
                Value::Object(fields)
            }
            other => other,
        };
        let id = TenantId::parse("a").unwrap();
        let faults = Tenant::from_documents(id, &with_name, &json!({})).unwrap_err();
        let told = faults[0].message.to_string();
        let (_, keys) = told.split_once("known keys are ").unwrap();
        keys.split(", ").map(str::to_owned).collect()
    }

    #[test]
    fn every_key_of_a_tenant_is_explained() {
        let text = section("### Tenants");
        let groups = ["brand", "policy", "surface", "telephone"];
        for key in known_keys(&[]).iter().filter(|key| !groups.contains(&key.as_str())) {
            assert!(text.contains(&format!("\n| `{key}` |")), "{key}");
        }
        for key in known_keys(&["policy", "client"]) {
            assert!(text.contains(&format!("\n| `{key}` |")), "policy.client.{key}");
        }
        let more = [
            &["brand"][..],
            &["telephone"],
            &["surface", "lead_card"],
            &["policy", "pin"],
            &["policy", "login"],
        ];
        for key in more.into_iter().flat_map(known_keys) {
            assert!(text.contains(&format!("`{key}`")), "{key}");
        }
        for name in known_keys(&["policy"]) {
            assert!(text.contains(&format!("`[tenant.policy.{name}]`")), "{name}");
        }
    }

    #[test]
    fn every_command_is_listed() {
        let table = section("### Commands");
        let words = |name: &str| format!("countersign {name}");
        let (_, rest) = COMMANDS.split_once("\nenum Command {\n").unwrap();
        let variants = rest.lines().take_while(|line| *line != "}").map(str::trim);
        let names: Vec<_> = variants
            .filter(|line| line.starts_with(char::is_uppercase))
            .map(|line| line.split([' ', ',', '(']).next().unwrap().to_lowercase())
            .collect();
        assert!(names.len() > 5, "{names:?}");
        for name in names {
            assert!(table.contains(&words(&name)), "{name}");
        }
    }
}
