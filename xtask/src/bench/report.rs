//! The table, and what is remembered of it for the goals.

use std::collections::BTreeMap;

use testkit::Subject;

use super::case::Figures;
use super::disk::Disk;

/// Medians of one figure of one case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Medians {
    pub reference: Option<f64>,
    pub ours: f64,
}

impl Medians {
    /// Ours to the reference's.
    pub fn ratio(&self) -> Option<f64> {
        self.reference.map(|reference| self.ours / reference.max(1e-9))
    }
}

/// Medians by case and figure.
#[derive(Default)]
pub struct Results(BTreeMap<(&'static str, &'static str), Medians>);

pub fn heading(disk: &Disk, subjects: &[Subject]) -> String {
    let names: Vec<String> = subjects.iter().map(|s| format!("{s:?}")).collect();
    format!("{} in turn, {}; medians (spread).\n{}", names.join(" and "), disk.description, columns())
}

/// The line above the rows.
pub fn columns() -> String {
    format!("{:<17} {:<24} {:>26} {:>26} {:>7}", "case", "figure", "reference", "ours", "ratio")
}

impl Results {
    /// Adds a case: figures of all rounds, the reference's (if it took part) before ours. Returns its rows.
    pub fn add(&mut self, case: &'static str, sides: &[Vec<Figures>]) -> String {
        let Some((ours, others)) = sides.split_last() else { return String::new() };
        let names: Vec<&'static str> = ours.first().map(|f| f.names().collect()).unwrap_or_default();
        let mut rows = Vec::new();
        for name in names {
            let Some((median, shown)) = spread(ours, name) else { continue };
            let reference = others.first().and_then(|figures| spread(figures, name));
            let medians = Medians { reference: reference.as_ref().map(|(median, _)| *median), ours: median };
            rows.push(format!(
                "{case:<17} {name:<24} {:>26} {shown:>26} {:>7}",
                reference.map_or("-".into(), |(_, shown)| shown),
                medians.ratio().map_or("-".into(), |ratio| format!("{ratio:.2}")),
            ));
            self.0.insert((case, name), medians);
        }
        rows.join("\n")
    }

    pub fn get(&self, case: &'static str, figure: &'static str) -> Option<Medians> {
        self.0.get(&(case, figure)).copied()
    }
}

/// The median of a figure, and how it is shown: `median (lowest-highest)`.
fn spread(figures: &[Figures], name: &str) -> Option<(f64, String)> {
    let mut all: Vec<f64> = figures.iter().filter_map(|f| f.get(name)).collect();
    all.sort_by(f64::total_cmp);
    let (low, median, high) = (*all.first()?, *all.get(all.len() / 2)?, *all.last()?);
    let digits = match median {
        m if m >= 100.0 => 0,
        m if m >= 10.0 => 1,
        _ => 3,
    };
    Some((median, format!("{median:.digits$} ({low:.digits$}-{high:.digits$})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios() {
        let of = |value: f64| {
            let mut figures = Figures::default();
            figures.set("msg/s", value);
            figures
        };
        let mut results = Results::default();
        let rows = results.add("x", &[vec![of(100.0)], vec![of(300.0), of(100.0), of(250.0)]]);
        assert!(rows.contains("250 (100-300)") && rows.ends_with("2.50"), "{rows}");
        assert_eq!(results.get("x", "msg/s"), Some(Medians { reference: Some(100.0), ours: 250.0 }));
        results.add("alone", &[vec![of(1.0)]]);
        assert_eq!(results.get("alone", "msg/s").and_then(|m| m.ratio()), None);
    }
}
