//! Local time. The C library is asked because it alone knows the zone as the rest of the machine does
//! (`TZ`, `/etc/localtime`), and because it keeps the zone after a chroot.

/// A moment taken apart in the local time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The year, e.g. 2026.
    pub year: i32,
    /// 0 (January) to 11.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 60.
    pub second: u32,
    /// 0 (Sunday) to 6.
    pub weekday: u32,
    /// Seconds east of UTC.
    pub utc_offset: i64,
    /// The zone's abbreviation, e.g. `CET`.
    pub zone: String,
}

/// English month names as logs and mail headers write them.
pub const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// English weekday names as mail headers write them.
pub const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

unsafe extern "C" {
    fn tzset();
}

/// Reads the time zone now. Call it once before a chroot hides `/etc/localtime`.
pub fn load_zone() {
    // SAFETY: tzset takes no arguments; glibc guards its own state with a lock.
    unsafe { tzset() }
}

/// Takes `seconds` since the epoch apart. A moment that the C library cannot express becomes the epoch.
pub fn local(seconds: i64) -> LocalTime {
    let time: libc::time_t = seconds;
    let mut tm = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are to live objects of the right type; localtime_r writes only through the second.
    let done = unsafe { libc::localtime_r(&time, tm.as_mut_ptr()) };
    if done.is_null() {
        return local(0);
    }
    // SAFETY: `tm` was zeroed, which is a valid value of its integers and (null) pointer, and then filled in.
    let tm = unsafe { tm.assume_init() };
    let zone = if tm.tm_zone.is_null() {
        String::new()
    } else {
        // SAFETY: a non-null tm_zone is a NUL-terminated string that lives as long as the zone data, i.e. for ever.
        unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }.to_string_lossy().into_owned()
    };
    let positive = |n: libc::c_int| u32::try_from(n).unwrap_or(0);
    LocalTime {
        year: tm.tm_year.saturating_add(1900),
        month: positive(tm.tm_mon).min(11),
        day: positive(tm.tm_mday),
        hour: positive(tm.tm_hour),
        minute: positive(tm.tm_min),
        second: positive(tm.tm_sec),
        weekday: positive(tm.tm_wday).min(6),
        utc_offset: tm.tm_gmtoff,
        zone,
    }
}

/// Seconds since the epoch.
pub fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |past| i64::try_from(past.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_leads_back_to_utc() {
        let at = local(1_795_315_962); // 2026-11-22 02:52:42 UTC
        let seconds = i64::from(at.hour) * 3600 + i64::from(at.minute) * 60 + i64::from(at.second);
        assert_eq!((seconds - at.utc_offset).rem_euclid(86_400), 2 * 3600 + 52 * 60 + 42);
        assert_eq!(at.year, 2026);
        assert_eq!(MONTHS.get(at.month as usize), Some(&"Nov"));
    }
}
