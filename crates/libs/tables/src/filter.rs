//! Which rules of a `regexp:` or `pcre:` table can match a subject at all: one pass over the subject for all rules.
//!
//! Most patterns cannot match without some fixed text (`/^Subject:.*lottery/`: both words). Of each pattern one such
//! text is put into one automaton; a rule whose text is not in the subject is not tried. What the pattern means is left
//! to its own library: this only says "certainly not". Where a pattern's syntax is not plain, it is always tried.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use std::collections::HashMap;

/// Texts that a match must contain, one at least of each branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// For each alternative of the pattern: texts that are all in every match.
    branches: Vec<Vec<Vec<u8>>>,
}

/// The syntax of a pattern, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// POSIX extended.
    Extended,
    /// Perl's.
    Perl,
}

/// The automaton over all rules of a table.
pub(crate) struct Filter {
    automaton: AhoCorasick,
    /// For each text of the automaton: the rules that want it.
    wanted_by: Vec<Vec<usize>>,
    /// One bit for each rule: those that are tried always.
    always: Vec<u64>,
}

/// The rules that may match one subject.
pub(crate) struct Candidates(Option<Vec<u64>>);

impl Candidates {
    /// Every rule.
    pub fn all() -> Candidates {
        Candidates(None)
    }

    /// Whether the rule at `index` may match.
    pub fn has(&self, index: usize) -> bool {
        let Some(bits) = &self.0 else { return true };
        bits.get(index / 64).is_none_or(|word| word & (1 << (index % 64)) != 0)
    }
}

impl Filter {
    /// A filter for rules with these needs, or `None` where it would not pay.
    pub fn new(rules: &[Option<Needs>]) -> Option<Filter> {
        if rules.iter().flatten().count() < 4 {
            return None;
        }
        // A text that few rules want says more than one that they all have.
        let mut popularity: HashMap<Vec<u8>, usize> = HashMap::new();
        let texts = rules.iter().flatten().flat_map(|needs| needs.branches.iter().flatten());
        for text in texts {
            *popularity.entry(text.to_ascii_lowercase()).or_default() += 1;
        }
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut wanted_by: Vec<Vec<usize>> = Vec::new();
        let mut always = vec![0u64; rules.len().div_ceil(64)];
        for (index, needs) in rules.iter().enumerate() {
            let Some(needs) = needs else {
                if let Some(word) = always.get_mut(index / 64) {
                    *word |= 1 << (index % 64);
                }
                continue;
            };
            for branch in &needs.branches {
                let folded = branch.iter().map(|text| text.to_ascii_lowercase());
                let best = folded.min_by_key(|text| {
                    (popularity.get(text).copied().unwrap_or(0), usize::MAX - text.len())
                })?;
                let number = *numbers.entry(best).or_insert_with(|| {
                    wanted_by.push(Vec::new());
                    wanted_by.len() - 1
                });
                if let Some(list) = wanted_by.get_mut(number) {
                    list.push(index);
                }
            }
        }
        let mut texts: Vec<(Vec<u8>, usize)> = numbers.into_iter().collect();
        texts.sort_by_key(|(_, number)| *number);
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(texts.iter().map(|(text, _)| text))
            .ok()?;
        Some(Filter { automaton, wanted_by, always })
    }

    /// The rules that may match `subject`.
    pub fn candidates(&self, subject: &[u8]) -> Candidates {
        let mut bits = self.always.clone();
        for found in self.automaton.find_overlapping_iter(subject) {
            for index in self.wanted_by.get(found.pattern().as_usize()).into_iter().flatten() {
                if let Some(word) = bits.get_mut(index / 64) {
                    *word |= 1 << (index % 64);
                }
            }
        }
        Candidates(Some(bits))
    }
}

/// What every match of `pattern` contains; `None` when that cannot be told simply.
pub(crate) fn needs(pattern: &[u8], syntax: Syntax) -> Option<Needs> {
    // `(*UTF)` and `(?x)` change what the rest means.
    if syntax == Syntax::Perl
        && (pattern.starts_with(b"(*")
            || memchr::memmem::find(pattern, b"\\Q").is_some()
            || inline_options(pattern))
    {
        return None;
    }
    let mut scan = Scan { rest: pattern, syntax };
    let branches = scan.alternatives(0)?;
    let usable = scan.rest.is_empty()
        && !branches.is_empty()
        && branches.iter().all(|branch| branch.iter().any(|text| !text.is_empty()));
    usable.then_some(Needs { branches })
}

/// Whether a Perl pattern changes its options on the way: `(?i)`, `(?x: …)`.
fn inline_options(pattern: &[u8]) -> bool {
    memchr::memmem::find_iter(pattern, b"(?").any(|at| {
        let next = pattern.get(at + 2).copied();
        !matches!(next, Some(b':' | b'=' | b'!' | b'<' | b'>'))
    })
}

struct Scan<'a> {
    rest: &'a [u8],
    syntax: Syntax,
}

/// Groups deeper than this are not looked into.
const DEPTH: usize = 20;
/// More alternatives than this are not worth their texts.
const BRANCHES: usize = 64;

impl Scan<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Alternatives up to a `)` (which is left) or the end: of each, the texts that are in every match.
    fn alternatives(&mut self, depth: usize) -> Option<Vec<Vec<Vec<u8>>>> {
        if depth > DEPTH {
            return None;
        }
        let mut branches = Vec::new();
        loop {
            branches.push(self.branch(depth)?);
            if self.peek() != Some(b'|') || branches.len() > BRANCHES {
                break;
            }
            self.next();
        }
        (branches.len() <= BRANCHES).then_some(branches)
    }

    fn branch(&mut self, depth: usize) -> Option<Vec<Vec<u8>>> {
        let mut texts: Vec<Vec<u8>> = Vec::new();
        let mut run: Vec<u8> = Vec::new();
        loop {
            let atom = match self.peek() {
                None | Some(b'|') => break,
                Some(b')') if depth > 0 => break,
                Some(_) => self.atom(depth)?,
            };
            let repeat = self.repetition()?;
            match (atom, repeat) {
                (Atom::Byte(byte), Repeat::Once) => run.push(byte),
                (Atom::Byte(byte), Repeat::Some) => {
                    // `ab+c`: `ab` is there, what follows is not next to it.
                    run.push(byte);
                    texts.push(std::mem::take(&mut run));
                }
                // Anchors take no room; repeated ones are odd, but take none either.
                (Atom::Empty, _) => {}
                (Atom::Group(inside), Repeat::Once | Repeat::Some) => {
                    texts.push(std::mem::take(&mut run));
                    // A group without alternatives: what it needs is needed here.
                    if let [only] = inside.as_slice() {
                        texts.extend(only.iter().cloned());
                    }
                }
                (Atom::Byte(_) | Atom::Any | Atom::Group(_), _) => texts.push(std::mem::take(&mut run)),
            }
        }
        texts.push(run);
        texts.retain(|text| !text.is_empty());
        Some(texts)
    }

    fn atom(&mut self, depth: usize) -> Option<Atom> {
        Some(match self.next()? {
            b'^' | b'$' => Atom::Empty,
            b'.' => Atom::Any,
            b'[' => {
                self.class()?;
                Atom::Any
            }
            b'(' => self.group(depth)?,
            b'\\' => self.escape()?,
            // A repetition without an atom: the library's word counts.
            b'*' | b'+' | b'?' | b'{' | b')' => return None,
            byte => Atom::Byte(byte),
        })
    }

    fn group(&mut self, depth: usize) -> Option<Atom> {
        let mut lookaround = false;
        if self.syntax == Syntax::Perl && self.peek() == Some(b'?') {
            self.next();
            match self.next()? {
                b':' | b'>' => {}
                b'=' | b'!' => lookaround = true,
                b'<' if matches!(self.peek(), Some(b'=' | b'!')) => {
                    self.next();
                    lookaround = true;
                }
                // Named groups.
                b'<' => while self.next()? != b'>' {},
                _ => return None,
            }
        } else if self.syntax == Syntax::Perl && self.peek() == Some(b'*') {
            return None;
        }
        let inside = self.alternatives(depth + 1)?;
        if self.next()? != b')' {
            return None;
        }
        Some(if lookaround { Atom::Empty } else { Atom::Group(inside) })
    }

    /// A bracket expression; its `[` was taken.
    fn class(&mut self) -> Option<()> {
        if self.peek() == Some(b'^') {
            self.next();
        }
        if self.peek() == Some(b']') {
            self.next();
        }
        loop {
            match self.next()? {
                b']' => return Some(()),
                b'\\' if self.syntax == Syntax::Perl => {
                    self.next()?;
                }
                b'[' => {
                    if let Some(kind @ (b':' | b'.' | b'=')) = self.peek() {
                        self.next();
                        let end = self.rest.windows(2).position(|pair| pair == [kind, b']'])?;
                        self.rest = self.rest.get(end + 2..)?;
                    }
                }
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Option<Atom> {
        let byte = self.next()?;
        Some(match (self.syntax, byte) {
            (_, byte) if byte.is_ascii_punctuation() && !matches!(byte, b'<' | b'>' | b'`' | b'\'') => {
                Atom::Byte(byte)
            }
            (Syntax::Extended, b'<' | b'>' | b'`' | b'\'' | b'b' | b'B') => Atom::Empty,
            (Syntax::Extended, b'w' | b'W' | b's' | b'S') => Atom::Any,
            (Syntax::Perl, b'<' | b'>' | b'`' | b'\'') => Atom::Byte(byte),
            (Syntax::Perl, b'b' | b'B' | b'A' | b'z' | b'Z' | b'G') => Atom::Empty,
            (
                Syntax::Perl,
                b'd' | b'D' | b'w' | b'W' | b's' | b'S' | b'h' | b'H' | b'v' | b'V' | b'n' | b'r' | b't',
            ) => Atom::Any,
            _ => return None,
        })
    }

    fn repetition(&mut self) -> Option<Repeat> {
        let mut repeat = Repeat::Once;
        loop {
            let next = match self.peek() {
                Some(b'*' | b'?') => Repeat::Maybe,
                Some(b'+') => Repeat::Some,
                Some(b'{') => Repeat::Maybe,
                _ => return Some(repeat),
            };
            if self.next() == Some(b'{') {
                let end = memchr::memchr(b'}', self.rest)?;
                let inside = self.rest.get(..end)?;
                if inside.is_empty() || !inside.iter().all(|b| b.is_ascii_digit() || *b == b',') {
                    // Perl: not a repetition then, but text.
                    return None;
                }
                self.rest = self.rest.get(end + 1..)?;
            }
            // Perl's `+?`, `++`: of the first only. POSIX: a repetition of a repetition.
            repeat = match (repeat, next, self.syntax) {
                (Repeat::Once, next, _) => next,
                (known, _, Syntax::Perl) => known,
                (Repeat::Some, Repeat::Some, _) => Repeat::Some,
                _ => Repeat::Maybe,
            };
        }
    }
}

enum Atom {
    Byte(u8),
    /// One or more unknown bytes.
    Any,
    /// No bytes: an anchor, a look around.
    Empty,
    /// By alternatives: texts that are all there.
    Group(Vec<Vec<Vec<u8>>>),
}

#[derive(Clone, Copy)]
enum Repeat {
    Once,
    /// Once or more.
    Some,
    /// Perhaps not at all.
    Maybe,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pattern: &str, syntax: Syntax) -> Option<Vec<Vec<String>>> {
        let needs = needs(pattern.as_bytes(), syntax)?;
        let show = |text: &Vec<u8>| String::from_utf8_lossy(text).into_owned();
        Some(needs.branches.iter().map(|branch| branch.iter().map(show).collect()).collect())
    }

    #[test]
    fn texts_that_must_be_there() {
        use Syntax::{Extended, Perl};
        let some = |branches: &[&[&str]]| {
            Some(
                branches
                    .iter()
                    .map(|b| b.iter().map(|t| (*t).to_owned()).collect())
                    .collect::<Vec<Vec<String>>>(),
            )
        };
        for (pattern, extended, perl) in [
            ("^abc$", some(&[&["abc"]]), some(&[&["abc"]])),
            ("a.c", some(&[&["a", "c"]]), some(&[&["a", "c"]])),
            ("abc*d", some(&[&["ab", "d"]]), some(&[&["ab", "d"]])),
            ("ab+c", some(&[&["ab", "c"]]), some(&[&["ab", "c"]])),
            ("abc|def", some(&[&["abc"], &["def"]]), some(&[&["abc"], &["def"]])),
            ("abc|.*", None, None),
            ("x(abc|def)y", some(&[&["x", "y"]]), some(&[&["x", "y"]])),
            ("(abc)?y", some(&[&["y"]]), some(&[&["y"]])),
            ("(abc)+y", some(&[&["abc", "y"]]), some(&[&["abc", "y"]])),
            ("a\\.b", some(&[&["a.b"]]), some(&[&["a.b"]])),
            ("a\\db", None, some(&[&["a", "b"]])),
            ("[a]]b", some(&[&["]b"]]), some(&[&["]b"]])),
            ("[]a]b", some(&[&["b"]]), some(&[&["b"]])),
            ("[[:alpha:]]b", some(&[&["b"]]), some(&[&["b"]])),
            ("[\\]]b", some(&[&["]b"]]), some(&[&["b"]])),
            ("a{2}b", some(&[&["b"]]), some(&[&["b"]])),
            ("a{x}b", None, None),
            ("(?i)abc", None, None),
            ("(?:abc)d", None, some(&[&["abc", "d"]])),
            ("(?!abc)d", None, some(&[&["d"]])),
            ("(?=abc)d", None, some(&[&["d"]])),
            ("(?<n>abc)d", None, some(&[&["abc", "d"]])),
            ("\\Qa.b\\E", None, None),
            ("a++b", some(&[&["a", "b"]]), some(&[&["a", "b"]])),
            ("a+*b", some(&[&["b"]]), some(&[&["a", "b"]])),
            ("(ab", None, None),
            ("ab)", None, None),
            ("", None, None),
            ("\\x41", None, None),
            ("\\1", None, None),
        ] {
            assert_eq!(texts(pattern, Extended), extended, "extended {pattern}");
            assert_eq!(texts(pattern, Perl), perl, "perl {pattern}");
        }
    }

    #[test]
    fn candidates_are_those_whose_text_is_there() {
        let patterns = ["alpha@", "beta@", "^[0-9]+$", "gamma|delta", "@x\\.test"];
        let rules: Vec<_> = patterns.iter().map(|p| needs(p.as_bytes(), Syntax::Extended)).collect();
        let filter = Filter::new(&rules).unwrap();
        let of = |subject: &str| {
            let candidates = filter.candidates(subject.as_bytes());
            (0..patterns.len()).filter(|i| candidates.has(*i)).collect::<Vec<_>>()
        };
        assert_eq!(of("ALPHA@x.test"), [0, 2, 4]);
        assert_eq!(of("delta"), [2, 3]);
        assert_eq!(of(""), [2]);
    }
}
