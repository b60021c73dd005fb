//! Each target's properties on its seeds, on all inputs that once broke one, and on mutations of both.

use std::fs;
use std::path::Path;

use ferropost_fuzz::{TARGETS, Target};

/// How many mutations each target sees here; `cargo xtask fuzz` goes on from there.
const MUTATIONS: usize = 400;

fn regressions(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(target.name);
    let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn regressions_belong_to_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(ferropost_fuzz::target(&name).is_some(), "regressions/{name} is no target's");
    }
}

#[test]
fn seeds_and_regressions_hold() {
    ferropost_fuzz::watch_log();
    for target in TARGETS {
        println!("{}", target.name);
        for input in (target.seeds)().into_iter().chain(regressions(target)) {
            (target.check)(&input);
        }
    }
}

#[test]
fn mutations_hold() {
    ferropost_fuzz::watch_log();
    for target in TARGETS {
        println!("{}", target.name);
        let seeds: Vec<Vec<u8>> = (target.seeds)().into_iter().chain(regressions(target)).collect();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..MUTATIONS {
            let seed = &seeds[random.below(seeds.len())];
            let mutated = mutate(seed, &mut random);
            (target.check)(&mutated);
        }
    }
}

/// The same numbers in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit.max(1)
    }
}

fn mutate(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, u8::try_from(random.below(256)).unwrap()),
            2 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            3 if at < bytes.len() => drop(bytes.remove(at)),
            _ => {
                let end = (at + random.below(20)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let place = random.below(bytes.len() + 1);
                bytes.splice(place..place, piece);
            }
        }
    }
    bytes
}
