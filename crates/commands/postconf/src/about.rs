//! What the registry tells about parameters: meaning, type and bounds, who reads them.

use config::param::{Kind, Row};

use crate::about_table::ABOUT;

/// One parameter's entry in the registry.
pub struct About {
    /// In main.cf; `<transport>_…` for a family.
    pub name: &'static str,
    /// What it does.
    pub text: &'static str,
    /// Programs and libraries that read it, as `smtpd, lib:tls`.
    pub readers: &'static str,
    /// The first release of Postfix that had it, if known.
    pub since: &'static str,
    /// Nothing reads it yet.
    pub planned: bool,
    /// The suffix, if it is a family.
    pub family: &'static str,
}

/// The entry of that name, or of the family that it is a member of.
pub fn find(name: &str) -> Option<&'static About> {
    let exact = ABOUT.iter().find(|about| about.name == name);
    exact.or_else(|| {
        let families = ABOUT.iter().filter(|a| !a.family.is_empty() && name.len() > a.family.len());
        families.filter(|about| name.ends_with(about.family)).max_by_key(|about| about.family.len())
    })
}

/// Whether a setting of it does nothing yet.
pub fn is_planned(name: &str) -> bool {
    ABOUT.iter().any(|about| about.name == name && about.planned && !PAPERS.contains(&name))
}

/// What only says where things were installed, for scripts and readers: no program has to read it.
const PAPERS: [&str; 10] = [
    "html_directory",
    "manpage_directory",
    "readme_directory",
    "sample_directory",
    "debugger_command",
    "sendmail_path",
    "newaliases_path",
    "mailq_path",
    "process_name",
    "process_id",
];

/// Type and bounds, in words.
pub fn bounds(row: &Row) -> String {
    let what = match row.kind {
        Kind::Bool => return "yes or no".into(),
        Kind::Enum(words) => return format!("one of {}", words.join(", ")),
        Kind::Int | Kind::Long => "a number",
        Kind::Time(unit) => {
            let unit = match unit {
                's' => "seconds",
                'm' => "minutes",
                'h' => "hours",
                'd' => "days",
                _ => "weeks",
            };
            return bounded(
                &format!("a time: a number with s, m, h, d or w; {unit} if there is no unit"),
                row,
                " s",
            );
        }
        Kind::Raw => "text, taken as it is",
        Kind::Str if row.min == 0 && row.max == 0 => "text",
        Kind::Str => return bounded("text", row, " characters"),
    };
    bounded(what, row, "")
}

fn bounded(what: &str, row: &Row, unit: &str) -> String {
    match (row.min, row.max) {
        (0, 0) => what.into(),
        (min, 0) => format!("{what}, at least {min}{unit}"),
        (0, max) => format!("{what}, at most {max}{unit}"),
        (min, max) => format!("{what}, {min} to {max}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_there() {
        for row in config::ParamRef::all().map(|p| p.row()) {
            assert!(ABOUT.iter().any(|about| about.name == row.name), "{}", row.name);
        }
        assert_eq!(find("slow_destination_rate_delay").map(|a| a.family), Some("_destination_rate_delay"));
        assert!(find("nosuch").is_none());
    }
}
