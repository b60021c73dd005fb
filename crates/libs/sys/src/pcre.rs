//! Perl-compatible regular expressions by the PCRE2 library, for `pcre:` tables.

use std::fmt;
use std::ptr;

use pcre2_sys as ffi;

pub use options::Options;

/// A compiled expression.
pub struct Pcre {
    code: *mut ffi::pcre2_code_8,
    groups: usize,
}

// SAFETY: a compiled pattern is read-only after compilation and belongs to no thread.
unsafe impl Send for Pcre {}
// SAFETY: PCRE2 documents that a compiled pattern may be used by many threads at once; match data is made per call.
unsafe impl Sync for Pcre {}

/// Why a pattern does not compile (with the offset of the trouble), or a match failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PcreError {
    /// The library's text.
    pub text: String,
    /// Where in the pattern.
    pub offset: usize,
    /// The library's error number.
    pub code: i32,
}

impl fmt::Display for PcreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Compile options, one bit each.
pub mod options {
    use pcre2_sys as ffi;

    /// A set of compile options; combine with `^` as the table's flag letters toggle them.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Options(pub(super) u32);

    impl Options {
        /// `i`
        pub const CASELESS: Options = Options(ffi::PCRE2_CASELESS);
        /// `m`
        pub const MULTILINE: Options = Options(ffi::PCRE2_MULTILINE);
        /// `s`
        pub const DOTALL: Options = Options(ffi::PCRE2_DOTALL);
        /// `x`
        pub const EXTENDED: Options = Options(ffi::PCRE2_EXTENDED);
        /// `A`
        pub const ANCHORED: Options = Options(ffi::PCRE2_ANCHORED);
        /// `E`
        pub const DOLLAR_ENDONLY: Options = Options(ffi::PCRE2_DOLLAR_ENDONLY);
        /// `U`
        pub const UNGREEDY: Options = Options(ffi::PCRE2_UNGREEDY);

        /// True when `other` is on.
        pub fn has(self, other: Options) -> bool {
            self.0 & other.0 == other.0
        }

        /// Turns `other` on where it is off, and off where it is on.
        pub fn toggle(self, other: Options) -> Options {
            Options(self.0 ^ other.0)
        }
    }
}

/// Where a group matched, as byte offsets; `None` when it took no part.
pub type Group = Option<(usize, usize)>;

impl Pcre {
    /// Compiles `pattern`, which is bytes, not UTF-8.
    pub fn new(pattern: &[u8], options: Options) -> Result<Pcre, PcreError> {
        let (mut code, mut offset) = (0, 0);
        // SAFETY: pattern and length agree; both out-pointers are to live variables; a null context means defaults.
        let compiled = unsafe {
            ffi::pcre2_compile_8(
                pattern.as_ptr(),
                pattern.len(),
                options.0,
                &mut code,
                &mut offset,
                ptr::null_mut(),
            )
        };
        if compiled.is_null() {
            return Err(PcreError { text: message(code), offset, code });
        }
        let mut groups = 0u32;
        // SAFETY: the pattern is compiled, and CAPTURECOUNT writes one u32.
        unsafe {
            ffi::pcre2_pattern_info_8(
                compiled,
                ffi::PCRE2_INFO_CAPTURECOUNT,
                ptr::from_mut(&mut groups).cast(),
            );
            // Without JIT support this fails, and matching interprets: the result is the same.
            ffi::pcre2_jit_compile_8(compiled, ffi::PCRE2_JIT_COMPLETE);
        }
        Ok(Pcre { code: compiled, groups: groups as usize })
    }

    /// The number of capturing groups.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Matches `subject`. Returns the whole match and all groups, or `None`.
    pub fn find(&self, subject: &[u8]) -> Result<Option<Vec<Group>>, PcreError> {
        let failed = |code| PcreError { text: message(code), offset: 0, code };
        // SAFETY: the pattern is compiled; a null context means defaults.
        let data = unsafe { ffi::pcre2_match_data_create_from_pattern_8(self.code, ptr::null_mut()) };
        if data.is_null() {
            return Err(failed(ffi::PCRE2_ERROR_NOMEMORY));
        }
        // SAFETY: pattern and match data are live, subject and length agree.
        let code = unsafe {
            ffi::pcre2_match_8(self.code, subject.as_ptr(), subject.len(), 0, 0, data, ptr::null_mut())
        };
        let found = match code {
            ffi::PCRE2_ERROR_NOMATCH => Ok(None),
            code if code < 0 => Err(failed(code)),
            _ => {
                // SAFETY: after a match the ovector holds pcre2_get_ovector_count pairs of initialised offsets,
                // and lives as long as the match data.
                let offsets = unsafe {
                    let pairs = ffi::pcre2_get_ovector_count_8(data) as usize;
                    std::slice::from_raw_parts(ffi::pcre2_get_ovector_pointer_8(data), pairs * 2)
                };
                let group = |pair: &[usize]| match pair {
                    [start, end] if *end <= subject.len() && start <= end => Some((*start, *end)),
                    _ => None,
                };
                Ok(Some(offsets.chunks(2).map(group).collect()))
            }
        };
        // SAFETY: made above, freed once, and no slice into it is left.
        unsafe { ffi::pcre2_match_data_free_8(data) };
        found
    }
}

impl Drop for Pcre {
    fn drop(&mut self) {
        // SAFETY: compiled by `new`, freed once.
        unsafe { ffi::pcre2_code_free_8(self.code) }
    }
}

fn message(code: i32) -> String {
    let mut text = [0u8; 256];
    // SAFETY: the buffer is as long as announced.
    let length = unsafe { ffi::pcre2_get_error_message_8(code, text.as_mut_ptr(), text.len()) };
    let length = usize::try_from(length).unwrap_or(0).min(text.len());
    String::from_utf8_lossy(&text[..length]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_options() {
        let pcre = Pcre::new(b"^(a+?)(b)?", Options::CASELESS.toggle(Options::UNGREEDY)).unwrap();
        assert_eq!(pcre.groups(), 2);
        assert_eq!(pcre.find(b"AAAc").unwrap(), Some(vec![Some((0, 3)), Some((0, 3)), None]));
        assert_eq!(pcre.find(b"xyz\xff").unwrap(), None);
    }

    #[test]
    fn bad_patterns_say_where() {
        let error = Pcre::new(b"ab(c", Options::default()).err().unwrap();
        assert_eq!((error.offset, error.text.as_str()), (4, "missing closing parenthesis"));
    }
}
