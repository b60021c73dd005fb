//! What came of it: differences, those accepted in `tests/differences.md`, counts.

use std::path::Path;

/// What both sides showed in one case.
pub struct Outcome {
    pub name: String,
    pub reference: Vec<String>,
    pub ours: Vec<String>,
}

/// The list of differences that we want.
///
/// Each begins with a heading `## title`. A line `Cases: PATTERN, PATTERN` says where it may occur; the indented lines
/// below it, `- text` and `+ text`, which lines only the reference and only ours may show. `*` stands for any text.
pub struct Accepted {
    entries: Vec<Entry>,
}

struct Entry {
    title: String,
    cases: Vec<String>,
    lines: Vec<String>,
}

impl Accepted {
    pub fn read(path: &Path) -> Result<Accepted, String> {
        let text = std::fs::read_to_string(path).map_err(|err| format!("{}: {err}", path.display()))?;
        Ok(Accepted::parse(&text))
    }

    fn parse(text: &str) -> Accepted {
        let mut entries: Vec<Entry> = Vec::new();
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("## ") {
                entries.push(Entry { title: title.to_string(), cases: Vec::new(), lines: Vec::new() });
            }
            let Some(entry) = entries.last_mut() else { continue };
            if let Some(cases) = line.strip_prefix("Cases: ") {
                let title = entry.title.clone();
                let entry = if entry.lines.is_empty() {
                    entry
                } else {
                    // Another place of the same difference, with lines of its own.
                    entries.push(Entry { title, cases: Vec::new(), lines: Vec::new() });
                    let Some(last) = entries.last_mut() else { continue };
                    last
                };
                entry.cases.extend(cases.split(", ").map(|case| case.trim_matches('`').to_string()));
            } else if let Some(shown) = line.strip_prefix("    ").filter(|l| l.starts_with(['-', '+'])) {
                entry.lines.push(shown.to_string());
            }
        }
        Accepted { entries }
    }

    /// Whether all of these differences are wanted in this case; the titles of the entries that say so.
    fn covers(&self, name: &str, differences: &[String]) -> Option<Vec<&str>> {
        let here: Vec<&Entry> =
            self.entries.iter().filter(|entry| entry.cases.iter().any(|case| like(case, name))).collect();
        let mut titles = Vec::new();
        for difference in differences {
            let entry = here.iter().find(|entry| entry.lines.iter().any(|line| like(line, difference)))?;
            if !titles.contains(&entry.title.as_str()) {
                titles.push(entry.title.as_str());
            }
        }
        Some(titles)
    }
}

/// Whether text fits a pattern in which `*` is any text.
fn like(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(after) = text.strip_prefix(head) else { return false };
    (0..=after.len()).filter_map(|at| after.get(at..)).any(|tail| like(rest, tail))
}

impl Outcome {
    /// Lines with ` `, `-` (only the reference) or `+` (only ours) before them.
    fn compared(&self) -> Vec<String> {
        let (a, b) = (&self.reference, &self.ours);
        // Longest common subsequence, from the end; cases are some dozens of lines.
        let mut best = vec![vec![0usize; b.len() + 1]; a.len() + 1];
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                best[i][j] =
                    if a[i] == b[j] { best[i + 1][j + 1] + 1 } else { best[i + 1][j].max(best[i][j + 1]) };
            }
        }
        let (mut i, mut j, mut out) = (0, 0, Vec::new());
        while i < a.len() || j < b.len() {
            if i < a.len() && j < b.len() && a[i] == b[j] {
                out.push(format!("  {}", a[i]));
                (i, j) = (i + 1, j + 1);
            } else if j == b.len() || (i < a.len() && best[i + 1][j] >= best[i][j + 1]) {
                out.push(format!("- {}", a[i]));
                i += 1;
            } else {
                out.push(format!("+ {}", b[j]));
                j += 1;
            }
        }
        out
    }

    fn differences(&self) -> Vec<String> {
        self.compared().into_iter().filter(|line| !line.starts_with(' ')).collect()
    }
}

/// Prints every case that differs: `-` is the reference, `+` ours.
pub fn print(outcomes: &[Outcome], accepted: &Accepted, all: bool) {
    for outcome in outcomes {
        let equal = outcome.reference == outcome.ours;
        let wanted = equal || accepted.covers(&outcome.name, &outcome.differences()).is_some();
        if wanted && !all {
            continue;
        }
        println!("\n== {}", outcome.name);
        let lines = outcome.compared();
        let differs: Vec<bool> = lines.iter().map(|line| !line.starts_with(' ')).collect();
        for (at, line) in lines.iter().enumerate() {
            let near = differs.iter().skip(at.saturating_sub(2)).take(5.min(at + 3)).any(|d| *d);
            if all || near {
                println!("{line}");
            }
        }
    }
}

/// Prints the closing lines; true when something differs that should not.
pub fn summary(outcomes: &[Outcome], accepted: &Accepted, whole: bool) -> bool {
    let (mut equal, mut wanted, mut unwanted) = (0, 0, 0);
    let mut used: Vec<&str> = Vec::new();
    for outcome in outcomes {
        if outcome.reference == outcome.ours {
            equal += 1;
        } else if let Some(titles) = accepted.covers(&outcome.name, &outcome.differences()) {
            wanted += 1;
            used.extend(titles);
        } else {
            unwanted += 1;
        }
    }
    println!();
    for entry in &accepted.entries {
        let unused = !entry.cases.is_empty() && !used.contains(&entry.title.as_str());
        if whole && unused {
            println!("accepted, but not seen: {}", entry.title);
        }
    }
    println!("{} cases: {equal} equal, {wanted} accepted, {unwanted} different", outcomes.len());
    unwanted > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_accepted_line_by_line() {
        let accepted = Accepted::parse(
            "# x\n## Names\nWe have our own.\n\nCases: `dialogues/a/*`\n\n    - 220 *\n    + 220 Ours\n\n## None\n",
        );
        let case = |name: &str, ours: &str| {
            let outcome =
                Outcome { name: name.into(), reference: vec!["220 Theirs".into()], ours: vec![ours.into()] };
            accepted.covers(&outcome.name, &outcome.differences()).is_some()
        };
        assert!(case("dialogues/a/x", "220 Ours"));
        assert!(!case("dialogues/a/x", "221 Ours"));
        assert!(!case("dialogues/b/x", "220 Ours"));
    }

    #[test]
    fn only_what_differs_is_shown_as_such() {
        let lines = |text: &str| text.split(' ').map(str::to_string).collect::<Vec<_>>();
        let outcome = Outcome { name: String::new(), reference: lines("a b c d"), ours: lines("a c x d") };
        assert_eq!(outcome.differences(), ["- b", "+ x"]);
        assert!(like("a*c*", "abxcd") && !like("a*c", "abcd"));
    }
}
