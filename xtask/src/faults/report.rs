//! One line for each case, and the line that closes the run.

use std::fmt;

use testkit::Subject;

use super::ledger::Audit;

/// What came of a case.
pub struct Row {
    pub family: &'static str,
    pub case: String,
    pub accepted: usize,
    pub lost: usize,
    pub repeated: usize,
    pub unexplained: usize,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// The gates that do not hold.
    pub failed: Vec<String>,
}

impl Row {
    pub fn new(family: &'static str, case: &str) -> Row {
        Row {
            family,
            case: case.to_owned(),
            accepted: 0,
            lost: 0,
            repeated: 0,
            unexplained: 0,
            notes: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Takes over an audit, whose gates are the same everywhere: nothing lost, nothing repeated without a reason.
    pub fn audit(&mut self, audit: &Audit) {
        self.accepted += audit.accepted;
        self.lost += audit.lost.len();
        self.repeated += audit.repeated;
        self.unexplained += audit.unexplained.len();
        let some = |list: &[(String, String)]| format!("{:?}", list.iter().take(3).collect::<Vec<_>>());
        self.gate(audit.lost.is_empty(), || format!("lost {}", some(&audit.lost)));
        self.gate(audit.unexplained.is_empty(), || {
            format!("repeated without a reason {}", some(&audit.unexplained))
        });
        self.gate(audit.stray == 0, || format!("{} that nobody sent", audit.stray));
    }

    pub fn gate(&mut self, holds: bool, why: impl FnOnce() -> String) {
        if !holds {
            self.failed.push(why());
        }
    }

    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Prints the row when its case is over, and gives it back.
    pub fn print(self) -> Row {
        println!("{self}");
        self
    }
}

pub fn heading(subject: &Subject) -> String {
    format!("{subject:?}\n{:<7} {:<26} accepted  lost repeated unexplained  notes", "family", "case")
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { family, case, accepted, lost, repeated, unexplained, .. } = self;
        let notes = self.notes.join(", ");
        write!(f, "{family:<7} {case:<26} {accepted:>8} {lost:>5} {repeated:>8} {unexplained:>11}  {notes}")?;
        self.failed.iter().try_for_each(|why| write!(f, "\n        FAILED {why}"))
    }
}

/// The sum of all rows.
#[derive(Default)]
pub struct Total {
    cases: usize,
    accepted: usize,
    lost: usize,
    repeated: usize,
    unexplained: usize,
    failed: usize,
}

impl Total {
    pub fn add(&mut self, row: &Row) {
        self.cases += 1;
        self.accepted += row.accepted;
        self.lost += row.lost;
        self.repeated += row.repeated;
        self.unexplained += row.unexplained;
        self.failed += row.failed.len();
    }

    pub fn is_good(&self) -> bool {
        self.cases > 0 && self.failed == 0
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "faults: {} cases, {} accepted, {} lost, {} repeated, {} unexplained, {} gates failed",
            self.cases, self.accepted, self.lost, self.repeated, self.unexplained, self.failed
        )
    }
}
