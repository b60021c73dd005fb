//! All targets in one libFuzzer program: `FERROPOST_FUZZ_TARGET` names the one to run, and its seeds are written to
//! the folder that `FERROPOST_FUZZ_SEEDS` names.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use ferropost_fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<&'static Target> = OnceLock::new();

fn begin() {
    let name = std::env::var("FERROPOST_FUZZ_TARGET").expect("FERROPOST_FUZZ_TARGET names the target");
    let target = ferropost_fuzz::target(&name).unwrap_or_else(|| panic!("no target {name}"));
    if let Some(folder) = std::env::var_os("FERROPOST_FUZZ_SEEDS").map(PathBuf::from) {
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed).expect("a seed is written");
        }
    }
    ferropost_fuzz::watch_log();
    TARGET.get_or_init(|| target);
}

fuzz_target!(init: begin(), |data: &[u8]| {
    let target = TARGET.get().expect("begin() ran");
    (target.check)(data);
});
