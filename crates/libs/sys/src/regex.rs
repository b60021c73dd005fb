//! POSIX regular expressions by the C library, so that `regexp:` tables mean what they mean to Postfix.

use std::ffi::{CStr, CString};
use std::fmt;
use std::mem::MaybeUninit;

/// A compiled expression. Matching needs no lock: glibc guards the automaton inside.
pub struct Regex {
    compiled: Box<libc::regex_t>,
}

// SAFETY: regex_t is plain memory owned by this value; nothing in it belongs to a thread.
unsafe impl Send for Regex {}
// SAFETY: regexec takes a const regex_t and is MT-safe (glibc locks the lazily built automaton itself).
unsafe impl Sync for Regex {}

/// How to compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Extended syntax.
    pub extended: bool,
    /// Without regard to case.
    pub ignore_case: bool,
    /// `.` and classes stop at newlines, `^` and `$` match at them.
    pub newline: bool,
}

/// An expression that does not compile, or a match that ran out of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError(String);

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a group matched, as byte offsets; `None` when it took no part.
pub type Group = Option<(usize, usize)>;

impl Regex {
    /// Compiles `pattern`.
    pub fn new(pattern: &[u8], options: Options) -> Result<Regex, RegexError> {
        let pattern =
            CString::new(pattern).map_err(|_| RegexError("pattern contains a null byte".to_owned()))?;
        let mut flags = 0;
        for (set, flag) in [
            (options.extended, libc::REG_EXTENDED),
            (options.ignore_case, libc::REG_ICASE),
            (options.newline, libc::REG_NEWLINE),
        ] {
            if set {
                flags |= flag;
            }
        }
        let mut memory = Box::new(MaybeUninit::<libc::regex_t>::zeroed());
        // SAFETY: regcomp fills the structure it is given, which has room for one regex_t; the pattern ends in NUL.
        let code = unsafe { libc::regcomp(memory.as_mut_ptr(), pattern.as_ptr(), flags) };
        if code != 0 {
            // SAFETY: after a failed regcomp the structure may still be named to regerror, and needs no regfree.
            return Err(unsafe { explain(code, memory.as_ptr()) });
        }
        // SAFETY: regcomp succeeded, so the structure is initialised; the box keeps its address.
        let compiled = unsafe { Box::from_raw(Box::into_raw(memory).cast::<libc::regex_t>()) };
        Ok(Regex { compiled })
    }

    /// The number of parenthesised groups.
    pub fn groups(&self) -> usize {
        // The libc crate hides the field. It is the first of musl's structure, and follows six words in glibc's.
        let before = if cfg!(target_env = "musl") { 0 } else { 6 };
        // SAFETY: re_nsub is public by POSIX and a size_t at this place of the C library's fixed layout, which the
        // test below holds; the structure is larger, aligned to words, and initialised.
        unsafe { (&raw const *self.compiled).cast::<usize>().add(before).read() }
    }

    /// Matches `subject`. Returns the whole match and groups 1 to `want`, or `None`.
    pub fn find(&self, subject: &CStr, want: usize) -> Result<Option<Vec<Group>>, RegexError> {
        let mut offsets = vec![libc::regmatch_t { rm_so: -1, rm_eo: -1 }; want + 1];
        // SAFETY: the expression is compiled, the subject ends in NUL, and `offsets` has as many places as announced.
        let code = unsafe {
            libc::regexec(&*self.compiled, subject.as_ptr(), offsets.len(), offsets.as_mut_ptr(), 0)
        };
        match code {
            0 => Ok(Some(
                offsets
                    .iter()
                    .map(|m| Some((usize::try_from(m.rm_so).ok()?, usize::try_from(m.rm_eo).ok()?)))
                    .collect(),
            )),
            libc::REG_NOMATCH => Ok(None),
            // SAFETY: the expression is compiled.
            code => Err(unsafe { explain(code, &*self.compiled) }),
        }
    }
}

impl Drop for Regex {
    fn drop(&mut self) {
        // SAFETY: regcomp succeeded for this value, and it is freed once.
        unsafe { libc::regfree(&mut *self.compiled) }
    }
}

/// # Safety
/// `compiled` must be a structure that regcomp was called on.
unsafe fn explain(code: libc::c_int, compiled: *const libc::regex_t) -> RegexError {
    let mut text = [0u8; 256];
    // SAFETY: the buffer is as long as announced; regerror always ends it with NUL.
    unsafe { libc::regerror(code, compiled, text.as_mut_ptr().cast(), text.len()) };
    let end = text.iter().position(|b| *b == 0).unwrap_or(text.len());
    RegexError(String::from_utf8_lossy(&text[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENDED: Options = Options { extended: true, ignore_case: true, newline: false };

    #[test]
    fn groups_are_offsets() {
        let regex = Regex::new(b"^([a-z]+)@(x)?", EXTENDED).unwrap();
        assert_eq!(regex.groups(), 2);
        assert_eq!(regex.find(c"Joe@b.test", 2).unwrap(), Some(vec![Some((0, 4)), Some((0, 3)), None]));
        assert_eq!(regex.find(c"@", 0).unwrap(), None);
    }

    #[test]
    fn bad_patterns_say_why() {
        assert_eq!(Regex::new(b"a(b", EXTENDED).err().unwrap().to_string(), "Unmatched ( or \\(");
    }
}
