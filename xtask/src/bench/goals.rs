//! What the project wants to reach, and whether it has.

use super::case::{CALLS, CPU, MEMORY, RATE, SWITCHES};
use super::report::{Medians, Results};
use super::{idle, large, queue};

/// What a figure is held against.
#[derive(Clone, Copy, Debug)]
enum Bound {
    /// At least so many times the reference's.
    Times(f64),
    /// At most this part of the reference's.
    Part(f64),
    /// At most this.
    Most(f64),
}

/// Case, figure, bound.
const GOALS: &[(&str, &str, Bound)] = &[
    ("ingest-1K-1", CPU, Bound::Part(1.0 / 3.0)),
    ("ingest-1K-10", CPU, Bound::Part(1.0 / 3.0)),
    ("ingest-1K-50", CPU, Bound::Part(1.0 / 3.0)),
    ("ingest-1K-100", CPU, Bound::Part(1.0 / 3.0)),
    ("relay-1K-1", CPU, Bound::Part(1.0 / 3.0)),
    ("relay-1K-10", CPU, Bound::Part(1.0 / 3.0)),
    ("relay-1K-50", CPU, Bound::Part(1.0 / 3.0)),
    ("relay-1K-100", CPU, Bound::Part(1.0 / 3.0)),
    ("ingest-1K-1", RATE, Bound::Times(1.3)),
    ("ingest-1K-10", RATE, Bound::Times(2.5)),
    ("ingest-1K-50", RATE, Bound::Times(2.5)),
    ("ingest-1K-100", RATE, Bound::Times(2.5)),
    ("ingest-100K-10", RATE, Bound::Times(1.5)),
    ("relay-1K-1", RATE, Bound::Times(1.3)),
    ("relay-1K-10", RATE, Bound::Times(2.5)),
    ("relay-1K-50", RATE, Bound::Times(2.5)),
    ("relay-1K-100", RATE, Bound::Times(2.5)),
    ("relay-100K-10", RATE, Bound::Times(1.5)),
    ("ingest-1K-50", CALLS, Bound::Most(150.0)),
    ("relay-1K-50", CALLS, Bound::Most(150.0)),
    ("ingest-1K-50", SWITCHES, Bound::Most(15.0)),
    ("relay-1K-50", SWITCHES, Bound::Most(15.0)),
    ("sendmail", RATE, Bound::Times(3.0)),
    ("mbox", RATE, Bound::Times(2.0)),
    ("maildir", RATE, Bound::Times(2.0)),
    ("maildir-dirsync", RATE, Bound::Times(2.0)),
    ("maildir-many", RATE, Bound::Times(2.0)),
    ("rcpt-10000", RATE, Bound::Times(2.0)),
    ("large-100M", RATE, Bound::Times(1.5)),
    ("large-100M", large::PEAK, Bound::Most(8.0)),
    ("idle-1000", MEMORY, Bound::Most(64.0)),
    ("idle-1000", idle::OPEN, Bound::Part(0.2)),
    ("deferred-20000", queue::LIST, Bound::Most(0.3)),
    ("deferred-20000", queue::DELETE, Bound::Most(1.0)),
    ("deferred-20000", queue::FIRST, Bound::Most(1.0)),
    ("deferred-20000", queue::FIRST_DUE, Bound::Most(1.0)),
    ("deferred-20000", queue::FLUSH, Bound::Part(0.5)),
    ("deferred-1000000", queue::FIRST, Bound::Most(120.0)),
    ("deferred-1000000", queue::QMGR, Bound::Most(40.0)),
];

/// A line for each goal.
pub fn summary(results: &Results) -> String {
    let mut lines = vec!["Goals:".to_string()];
    for (case, figure, bound) in GOALS {
        let wanted = match bound {
            Bound::Times(times) => format!(">= {times} times the reference"),
            Bound::Part(part) => format!("<= {part:.2} of the reference"),
            Bound::Most(most) => format!("<= {most}"),
        };
        let (verdict, seen) = match results.get(case, figure) {
            None => ("not measured", String::new()),
            Some(medians) => judge(*bound, medians),
        };
        lines.push(format!("{verdict:<12} {case:<17} {figure:<24} {wanted:<27} {seen}"));
    }
    lines.join("\n")
}

fn judge(bound: Bound, medians: Medians) -> (&'static str, String) {
    let (reached, seen) = match (bound, medians.ratio()) {
        (Bound::Most(most), _) => (medians.ours <= most, medians.ours),
        (_, None) => return ("not measured", "the reference took no part".into()),
        (Bound::Times(times), Some(ratio)) => (ratio >= times, ratio),
        (Bound::Part(part), Some(ratio)) => (ratio <= part, ratio),
    };
    (if reached { "reached" } else { "NOT REACHED" }, format!("{seen:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let medians = Medians { reference: Some(100.0), ours: 250.0 };
        for (bound, verdict) in [
            (Bound::Times(2.5), "reached"),
            (Bound::Times(2.6), "NOT REACHED"),
            (Bound::Part(0.3), "NOT REACHED"),
            (Bound::Most(250.0), "reached"),
        ] {
            assert_eq!(judge(bound, medians).0, verdict, "{bound:?}");
        }
        assert_eq!(judge(Bound::Times(1.0), Medians { reference: None, ours: 1.0 }).0, "not measured");
    }

    #[test]
    fn goals_name_cases() {
        for (case, ..) in GOALS {
            assert!(super::super::CASES.iter().any(|known| known.name == *case), "{case}");
        }
    }
}
