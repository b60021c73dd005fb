//! OpenSSL's checks of who a server is: the DANE engine (RFC 6698, 7671), host names, and raw public keys (RFC 7250) where the
//! library has them. Crate `openssl` offers none of it.
//!
//! The same engine serves fingerprints and private trust anchors, as TLSA records of our own making.

use std::ffi::{CStr, CString, c_char, c_int, c_uchar, c_uint, c_ulong, c_void};
use std::ptr;
use std::sync::OnceLock;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::ssl::{SslContextBuilder, SslRef};
use openssl::x509::{X509NameRef, X509VerifyResult};
use openssl_sys as ffi;

mod externs {
    use super::*;

    // libssl and libcrypto of OpenSSL 3.0 and later export these; openssl-sys does not declare them.
    unsafe extern "C" {
        pub fn SSL_CTX_dane_enable(ctx: *mut ffi::SSL_CTX) -> c_int;
        pub fn SSL_CTX_dane_mtype_set(
            ctx: *mut ffi::SSL_CTX,
            md: *const ffi::EVP_MD,
            mtype: u8,
            ord: u8,
        ) -> c_int;
        pub fn SSL_dane_enable(ssl: *mut ffi::SSL, base_domain: *const c_char) -> c_int;
        pub fn SSL_dane_set_flags(ssl: *mut ffi::SSL, flags: c_ulong) -> c_ulong;
        pub fn SSL_dane_tlsa_add(
            ssl: *mut ffi::SSL,
            usage: u8,
            selector: u8,
            mtype: u8,
            data: *const c_uchar,
            len: usize,
        ) -> c_int;
        pub fn SSL_get0_dane_authority(
            ssl: *mut ffi::SSL,
            cert: *mut *mut ffi::X509,
            key: *mut *mut ffi::EVP_PKEY,
        ) -> c_int;
        pub fn SSL_get0_dane_tlsa(
            ssl: *mut ffi::SSL,
            usage: *mut u8,
            selector: *mut u8,
            mtype: *mut u8,
            data: *mut *const c_uchar,
            len: *mut usize,
        ) -> c_int;
        pub fn SSL_add1_host(ssl: *mut ffi::SSL, name: *const c_char) -> c_int;
        pub fn SSL_set_hostflags(ssl: *mut ffi::SSL, flags: c_uint);
        pub fn SSL_get0_peername(ssl: *mut ffi::SSL) -> *const c_char;
        pub fn X509_NAME_oneline(name: *const ffi::X509_NAME, buf: *mut c_char, size: c_int) -> *mut c_char;
    }
}

/// RFC 7672 §3.1.1: names do not matter where the end entity's own certificate is published.
const NO_DANE_EE_NAMECHECKS: c_ulong = 1;
/// RFC 6125: no "foo*bar.example.com" for mail servers.
const NO_PARTIAL_WILDCARDS: c_uint = 0x4;

/// Makes the DANE engine available to connections of the context.
pub fn enable(ctx: &mut SslContextBuilder) -> Result<(), ErrorStack> {
    // SAFETY: the context is valid.
    let done = unsafe { externs::SSL_CTX_dane_enable(ctx.as_ptr()) };
    if done > 0 { Ok(()) } else { Err(ErrorStack::get()) }
}

/// Sets (or with `None` takes away) the digest of a matching type. Higher ranks are stronger, and only the strongest of a
/// record set count.
pub fn set_digest(
    ctx: &mut SslContextBuilder,
    matching: u8,
    digest: Option<MessageDigest>,
    rank: u8,
) -> Result<(), ErrorStack> {
    let digest = digest.map_or(ptr::null(), |digest| digest.as_ptr());
    // SAFETY: the context is valid; the digest is null or one of the library's static method tables.
    let done = unsafe { externs::SSL_CTX_dane_mtype_set(ctx.as_ptr(), digest, matching, rank) };
    if done > 0 { Ok(()) } else { Err(ErrorStack::get()) }
}

/// Has this connection's peer checked by the records that [`add`] gives, without base domain or server name of the engine's
/// own. `names_matter`: also where a record holds the peer's own certificate or key.
pub fn begin(ssl: &mut SslRef, names_matter: bool) -> Result<(), ErrorStack> {
    // SAFETY: the connection is valid; no base domain is allowed to be null.
    let done = unsafe { externs::SSL_dane_enable(ssl.as_ptr(), ptr::null()) };
    if done <= 0 {
        return Err(ErrorStack::get());
    }
    if !names_matter {
        // SAFETY: the connection is valid and has the engine now.
        unsafe { externs::SSL_dane_set_flags(ssl.as_ptr(), NO_DANE_EE_NAMECHECKS) };
    }
    Ok(())
}

/// Gives the engine one TLSA record. `Ok(false)`: the record is unusable (unknown parameters, wrong length).
pub fn add(ssl: &mut SslRef, usage: u8, selector: u8, matching: u8, data: &[u8]) -> Result<bool, ErrorStack> {
    // SAFETY: the connection is valid; the data are as long as told, and are copied.
    let done = unsafe {
        externs::SSL_dane_tlsa_add(ssl.as_ptr(), usage, selector, matching, data.as_ptr(), data.len())
    };
    match done {
        1.. => Ok(true),
        0 => {
            // What the engine thought of the record is not the next one's matter.
            let _ = ErrorStack::get();
            Ok(false)
        }
        _ => Err(ErrorStack::get()),
    }
}

/// The record that vouched for the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// Of the certificate that it matched, 0 being the peer's own.
    pub depth: u32,
    /// The record holds the key of an authority whose certificate was not sent.
    pub by_bare_key: bool,
    pub usage: u8,
    pub selector: u8,
    pub matching: u8,
    pub data: Vec<u8>,
}

/// What the engine found, after a handshake; `None`: nothing, or it was not asked.
pub fn matched(ssl: &SslRef) -> Option<Matched> {
    let mut key = ptr::null_mut();
    // SAFETY: the connection is valid; the certificate is not asked for; `key` takes a pointer that stays the library's.
    let depth = unsafe { externs::SSL_get0_dane_authority(ssl.as_ptr(), ptr::null_mut(), &mut key) };
    let depth = u32::try_from(depth).ok()?;
    let (mut usage, mut selector, mut matching) = (0, 0, 0);
    let (mut data, mut len) = (ptr::null(), 0);
    // SAFETY: each result goes to a variable of its type.
    let found = unsafe {
        externs::SSL_get0_dane_tlsa(
            ssl.as_ptr(),
            &mut usage,
            &mut selector,
            &mut matching,
            &mut data,
            &mut len,
        )
    };
    if found < 0 || data.is_null() {
        return None;
    }
    // SAFETY: the data belong to the connection, which outlives this call, and are `len` bytes long; they are copied.
    let data = unsafe { std::slice::from_raw_parts(data, len) }.to_vec();
    Some(Matched { depth, by_bare_key: !key.is_null(), usage, selector, matching, data })
}

/// Adds a name that the peer's certificate may have; with a dot in front, any name below it.
pub fn add_host(ssl: &mut SslRef, name: &str) -> bool {
    let Ok(name) = CString::new(name) else { return false };
    // SAFETY: the connection is valid; the name is NUL-terminated and copied.
    unsafe {
        externs::SSL_set_hostflags(ssl.as_ptr(), NO_PARTIAL_WILDCARDS);
        externs::SSL_add1_host(ssl.as_ptr(), name.as_ptr()) == 1
    }
}

/// The name of the certificate that was found to match, after a handshake.
pub fn peer_name(ssl: &SslRef) -> Option<String> {
    // SAFETY: the connection is valid; the name is null or lives as long as the connection, and is copied.
    unsafe {
        let name = externs::SSL_get0_peername(ssl.as_ptr());
        (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
    }
}

/// "/O=Example/CN=mx.example.com", cut off at 255 bytes.
pub fn one_line(name: &X509NameRef) -> String {
    let mut text: [c_char; 256] = [0; 256];
    // SAFETY: the name is valid; the buffer is as large as told and gets a NUL at the end of what is written.
    let wrote = unsafe { externs::X509_NAME_oneline(name.as_ptr(), text.as_mut_ptr(), 256) };
    if wrote.is_null() {
        return String::new();
    }
    // SAFETY: NUL-terminated by the call above.
    unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy().into_owned()
}

/// One of the library's numbers for what a check of certificates came to (X509_V_…).
pub fn verify_result(number: i32) -> X509VerifyResult {
    // SAFETY: the type holds any number; one that is unknown has a text that says so.
    unsafe { X509VerifyResult::from_raw(number) }
}

/// Certificate types as TLS numbers them: a raw public key rather than a certificate, if the peer can.
const RAW_KEY_THEN_X509: [u8; 2] = [2, 0];

type SetCertificateTypes = unsafe extern "C" fn(*mut ffi::SSL, *const c_uchar, usize) -> c_int;
type PeerRawKey = unsafe extern "C" fn(*mut ffi::SSL) -> *mut ffi::EVP_PKEY;

/// A function that only newer libraries have (3.2 on for all that is asked for here).
pub(crate) fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the name is NUL-terminated.
    let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!symbol.is_null()).then_some(symbol)
}

/// Asks the server for a raw public key instead of a certificate. `false`: this library cannot.
pub fn ask_raw_key(ssl: &mut SslRef) -> bool {
    static FUNCTION: OnceLock<Option<SetCertificateTypes>> = OnceLock::new();
    let function = *FUNCTION.get_or_init(|| {
        // SAFETY: a symbol of this name is libssl's function of this type.
        symbol(c"SSL_set1_server_cert_type")
            .map(|at| unsafe { std::mem::transmute::<*mut c_void, SetCertificateTypes>(at) })
    });
    let Some(function) = function else { return false };
    // SAFETY: the connection is valid; the list is as long as told, and is copied.
    unsafe { function(ssl.as_ptr(), RAW_KEY_THEN_X509.as_ptr(), RAW_KEY_THEN_X509.len()) == 1 }
}

/// The peer's raw public key, where it sent one and no certificate.
pub fn peer_raw_key(ssl: &SslRef) -> Option<PKey<Public>> {
    static FUNCTION: OnceLock<Option<PeerRawKey>> = OnceLock::new();
    let function = (*FUNCTION.get_or_init(|| {
        // SAFETY: a symbol of this name is libssl's function of this type.
        symbol(c"SSL_get0_peer_rpk").map(|at| unsafe { std::mem::transmute::<*mut c_void, PeerRawKey>(at) })
    }))?;
    // SAFETY: the connection is valid; the key is null or belongs to the connection, so it gets a reference of its own.
    unsafe {
        let key = function(ssl.as_ptr());
        if key.is_null() || ffi::EVP_PKEY_up_ref(key) != 1 {
            return None;
        }
        Some(foreign_types::ForeignType::from_ptr(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::ssl::{Ssl, SslMethod};

    #[test]
    fn records_are_judged_one_by_one() {
        let mut ctx = SslContextBuilder::new(SslMethod::tls()).unwrap();
        enable(&mut ctx).unwrap();
        set_digest(&mut ctx, 255, Some(MessageDigest::sha1()), 3).unwrap();
        set_digest(&mut ctx, 2, None, 0).unwrap();
        let mut ssl = Ssl::new(&ctx.build()).unwrap();
        begin(&mut ssl, false).unwrap();
        assert!(add(&mut ssl, 3, 1, 1, &[7; 32]).unwrap());
        assert!(add(&mut ssl, 3, 1, 255, &[7; 20]).unwrap());
        assert!(!add(&mut ssl, 3, 1, 1, &[7; 31]).unwrap(), "wrong length");
        assert!(!add(&mut ssl, 3, 1, 2, &[7; 64]).unwrap(), "a digest that is switched off");
        assert!(!add(&mut ssl, 9, 1, 1, &[7; 32]).unwrap(), "no such usage");
        assert!(add_host(&mut ssl, "mx.a.test") && add_host(&mut ssl, ".a.test"));
        assert!(!add_host(&mut ssl, "a\0b"));
        assert_eq!((matched(&ssl), peer_name(&ssl)), (None, None));
        assert!(peer_raw_key(&ssl).is_none());
    }

    #[test]
    fn names_on_one_line() {
        let mut name = openssl::x509::X509NameBuilder::new().unwrap();
        name.append_entry_by_text("O", "A b").unwrap();
        name.append_entry_by_text("CN", "mx.test").unwrap();
        assert_eq!(one_line(&name.build()), "/O=A b/CN=mx.test");
    }
}
