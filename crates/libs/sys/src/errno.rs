//! The text of an operating system error, as the C library words it.

use std::io;

/// The number of "File too large".
pub const FILE_TOO_LARGE: i32 = libc::EFBIG;

/// `No such file or directory`, without the number that `io::Error` adds; an error of our own making keeps its text.
pub fn errno_text(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => strerror(number),
        None => error.to_string(),
    }
}

/// The C library's text for an error number.
pub fn strerror(number: i32) -> String {
    let mut text = [0 as libc::c_char; 256];
    // SAFETY: the pointer and length describe one live array; the XSI strerror_r terminates what it writes there.
    let failed = unsafe { libc::strerror_r(number, text.as_mut_ptr(), text.len()) };
    if failed != 0 {
        return format!("Unknown error {number}");
    }
    // SAFETY: strerror_r succeeded, so the array holds a NUL-terminated string.
    unsafe { std::ffi::CStr::from_ptr(text.as_ptr()) }.to_string_lossy().into_owned()
}

/// Wraps an error so that its text says what was tried: `open /etc/postfix/main.cf: No such
/// file or directory`. The kind is kept.
pub fn context(what: impl std::fmt::Display) -> impl FnOnce(io::Error) -> io::Error {
    move |err| io::Error::new(err.kind(), format!("{what}: {}", errno_text(&err)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_number() {
        assert_eq!(errno_text(&io::Error::from_raw_os_error(libc::ENOENT)), "No such file or directory");
        assert_eq!(errno_text(&io::Error::other("own words")), "own words");
        assert_eq!(strerror(99_999), "Unknown error 99999");
    }
}
