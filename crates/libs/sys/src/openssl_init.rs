//! Starting the OpenSSL library with settings of our own: which configuration file it reads, and which section of it.

use std::ffi::{CString, c_char, c_int, c_ulong};

use openssl::error::ErrorStack;
use openssl_sys as ffi;

mod externs {
    use super::*;

    // libcrypto of OpenSSL 1.1.1b and later exports these; openssl-sys does not declare them.
    unsafe extern "C" {
        pub fn OPENSSL_INIT_new() -> *mut ffi::OPENSSL_INIT_SETTINGS;
        pub fn OPENSSL_INIT_free(settings: *mut ffi::OPENSSL_INIT_SETTINGS);
        pub fn OPENSSL_INIT_set_config_filename(
            settings: *mut ffi::OPENSSL_INIT_SETTINGS,
            name: *const c_char,
        ) -> c_int;
        pub fn OPENSSL_INIT_set_config_appname(
            settings: *mut ffi::OPENSSL_INIT_SETTINGS,
            name: *const c_char,
        ) -> c_int;
        pub fn OPENSSL_INIT_set_config_file_flags(settings: *mut ffi::OPENSSL_INIT_SETTINGS, flags: c_ulong);
    }
}

const NO_LOAD_CONFIG: u64 = 0x80;
const LOAD_CONFIG: u64 = 0x40;
const IGNORE_RETURN_CODES: c_ulong = 0x02;
const SILENT: c_ulong = 0x04;
const DEFAULT_SECTION: c_ulong = 0x20;

/// Which configuration file the library reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configuration<'a> {
    /// The system's; what is wrong with it is ignored.
    Default,
    /// None at all.
    None,
    /// This one; it must be good, and have the section that is asked for.
    File(&'a str),
}

/// Starts the library; only the first call in a process, before any other use of the library, has an effect. `section` is the
/// application's name in the file, or empty for the usual one.
pub fn start(configuration: Configuration<'_>, section: &str) -> Result<(), ErrorStack> {
    let Ok(section_name) = CString::new(section) else { return Err(ErrorStack::get()) };
    let file = match configuration {
        Configuration::File(name) => name,
        _ => "",
    };
    let Ok(file_name) = CString::new(file) else { return Err(ErrorStack::get()) };
    // SAFETY: no precondition; null is checked.
    let settings = unsafe { externs::OPENSSL_INIT_new() };
    if settings.is_null() {
        return Err(ErrorStack::get());
    }
    let options = if configuration == Configuration::None { NO_LOAD_CONFIG } else { LOAD_CONFIG };
    // SAFETY: the settings are valid until they are freed, once, below; the library copies both names.
    let done = unsafe {
        if configuration == Configuration::Default {
            externs::OPENSSL_INIT_set_config_file_flags(
                settings,
                DEFAULT_SECTION | IGNORE_RETURN_CODES | SILENT,
            );
        } else {
            externs::OPENSSL_INIT_set_config_file_flags(settings, 0);
        }
        if !file.is_empty() {
            externs::OPENSSL_INIT_set_config_filename(settings, file_name.as_ptr());
        }
        if !section.is_empty() {
            externs::OPENSSL_INIT_set_config_appname(settings, section_name.as_ptr());
        }
        let done = ffi::OPENSSL_init_ssl(options, settings);
        externs::OPENSSL_INIT_free(settings);
        done
    };
    if done > 0 { Ok(()) } else { Err(ErrorStack::get()) }
}
