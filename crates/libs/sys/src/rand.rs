//! Random numbers from the kernel.

/// Fills `buf` with random bytes.
pub fn fill(buf: &mut [u8]) {
    let mut done = 0;
    while done < buf.len() {
        let rest = &mut buf[done..];
        // SAFETY: the pointer and length describe `rest`, which outlives the call.
        let n = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        if n > 0 {
            done += n as usize;
        }
    }
}

/// A random number.
pub fn number() -> u64 {
    let mut buf = [0; 8];
    fill(&mut buf);
    u64::from_ne_bytes(buf)
}

/// A random number below `limit` (0 when the limit is 0).
pub fn below(limit: usize) -> usize {
    if limit == 0 { 0 } else { (number() % limit as u64) as usize }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_differ() {
        assert_ne!(super::number(), super::number());
        assert!(super::below(3) < 3);
    }
}
