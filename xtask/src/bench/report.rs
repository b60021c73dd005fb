//! The table.

use testkit::Subject;

use super::disk::Disk;
use super::load::Case;

/// What one run of one case showed.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub rate: f64,
    pub cpu_ms: f64,
    pub switches: f64,
    pub memory_mib: f64,
    pub calls: Option<f64>,
    /// KiB for each idle session.
    pub peak: Option<f64>,
}

pub fn heading(disk: &Disk, subjects: &[Subject]) -> String {
    let names: Vec<String> = subjects.iter().map(|s| format!("{s:?}")).collect();
    format!(
        "{} in turn, {}; medians (spread). Ratios: ours to the reference.\n\
         case             side        msg/s            CPU ms/msg        switches/msg  PSS MiB  calls/msg  KiB/idle",
        names.join(" and "),
        disk.description
    )
}

pub fn row(case: &Case, sides: &[Vec<Figures>]) -> String {
    let mut lines = Vec::new();
    for (n, figures) in sides.iter().enumerate() {
        let side = if n + 1 == sides.len() { "ours" } else { "reference" };
        lines.push(format!(
            "{:<16} {side:<10} {:>16} {:>18} {:>10.1} {:>11.1} {:>10} {:>9}",
            case.name,
            spread(figures, |f| f.rate, 0),
            spread(figures, |f| f.cpu_ms, 3),
            median(figures, |f| f.switches),
            median(figures, |f| f.memory_mib),
            figures.iter().find_map(|f| f.calls).map_or("-".into(), |c| format!("{c:.0}")),
            figures.iter().find_map(|f| f.peak).map_or("-".into(), |c| format!("{c:.0}")),
        ));
    }
    if let [reference, ours] = sides {
        let ratio = |value: fn(&Figures) -> f64| median(ours, value) / median(reference, value).max(1e-9);
        lines.push(format!(
            "{:<16} {:<10} {:>16.2} {:>18.2} {:>10.2} {:>11.2}",
            case.name,
            "ratio",
            ratio(|f| f.rate),
            ratio(|f| f.cpu_ms),
            ratio(|f| f.switches),
            ratio(|f| f.memory_mib)
        ));
    }
    lines.join("\n")
}

fn median(figures: &[Figures], value: fn(&Figures) -> f64) -> f64 {
    let mut all: Vec<f64> = figures.iter().map(value).collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

fn spread(figures: &[Figures], value: fn(&Figures) -> f64, digits: usize) -> String {
    let all = figures.iter().map(value);
    let low = all.clone().fold(f64::MAX, f64::min);
    let high = all.fold(0.0, f64::max);
    format!("{:.digits$} ({low:.digits$}-{high:.digits$})", median(figures, value))
}
