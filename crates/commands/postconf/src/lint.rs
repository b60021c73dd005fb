//! `postconf --lint`: what in main.cf and master.cf is probably not meant so, each finding with file, line and remedy.
//!
//! Postfix takes a setting of an unknown name, a restriction behind `permit`, a table that nobody built in silence or
//! finds them when mail arrives. Here each file is read line by line, so that one mistake does not hide the next.

pub mod nearest;
mod relay;
mod restrictions;
mod services;
mod settings;
pub mod source;
mod table_files;

use std::collections::BTreeSet;
use std::path::Path;

use crate::options::Options;
use crate::output;
use source::Source;

/// One thing to look at.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub file: String,
    /// From 1; what is missing is missed at the top.
    pub line: usize,
    pub text: String,
}

/// Prints the findings; true if there are any.
pub fn run(options: &Options) -> Result<bool, String> {
    let findings = findings(&options.directory())?;
    for Finding { file, line, text } in &findings {
        output::print(&format!("{file}:{line}: {text}\n"))?;
    }
    Ok(!findings.is_empty())
}

/// All findings in the two files of a directory, in the order of the lines.
fn findings(directory: &Path) -> Result<BTreeSet<Finding>, String> {
    let mut found = BTreeSet::new();
    let source = Source::read(directory, &mut found)?;
    settings::check(&source, &mut found);
    restrictions::check(&source, &mut found);
    relay::check(&source, &mut found);
    table_files::check(&source, &mut found);
    services::check(&source, &mut found);
    Ok(found)
}
