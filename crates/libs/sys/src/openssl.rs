//! What OpenSSL 3 offers and crate `openssl` does not, or only as `unsafe`: session ticket keys, looking up and offering stored
//! sessions, several certificates in one context, handshake tracing, and names for the log.
//!
//! The types are crate `openssl`'s; `tls` is the only user.

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_uchar, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use foreign_types::{ForeignType, ForeignTypeRef};
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKeyRef, Private};
use openssl::ssl::{SslContext, SslContextBuilder, SslRef, SslSession};
use openssl::stack::Stack;
use openssl::x509::{X509, X509Ref};
use openssl_sys as ffi;

mod externs {
    use super::*;

    pub enum X509Pubkey {}

    pub type TicketCallback = unsafe extern "C" fn(
        *mut ffi::SSL,
        *mut c_uchar,
        *mut c_uchar,
        *mut ffi::EVP_CIPHER_CTX,
        *mut ffi::EVP_MAC_CTX,
        c_int,
    ) -> c_int;
    pub type InfoCallback = unsafe extern "C" fn(*const ffi::SSL, c_int, c_int);

    // libssl and libcrypto of OpenSSL 3.0 and later export these; openssl-sys does not declare them.
    unsafe extern "C" {
        pub fn SSL_CTX_set_tlsext_ticket_key_evp_cb(
            ctx: *mut ffi::SSL_CTX,
            cb: Option<TicketCallback>,
        ) -> c_int;
        pub fn SSL_CTX_set_timeout(ctx: *mut ffi::SSL_CTX, seconds: c_long) -> c_long;
        pub fn SSL_CTX_use_cert_and_key(
            ctx: *mut ffi::SSL_CTX,
            cert: *mut ffi::X509,
            key: *mut ffi::EVP_PKEY,
            chain: *mut ffi::stack_st_X509,
            replace: c_int,
        ) -> c_int;
        pub fn SSL_use_cert_and_key(
            ssl: *mut ffi::SSL,
            cert: *mut ffi::X509,
            key: *mut ffi::EVP_PKEY,
            chain: *mut ffi::stack_st_X509,
            replace: c_int,
        ) -> c_int;
        pub fn SSL_CTX_set_info_callback(ctx: *mut ffi::SSL_CTX, cb: Option<InfoCallback>);
        pub fn SSL_alert_type_string_long(value: c_int) -> *const c_char;
        pub fn SSL_alert_desc_string_long(value: c_int) -> *const c_char;
        pub fn SSL_set_options(ssl: *mut ffi::SSL, options: u64) -> u64;
        pub fn X509_get_X509_PUBKEY(cert: *const ffi::X509) -> *mut X509Pubkey;
        pub fn i2d_X509_PUBKEY(key: *const X509Pubkey, out: *mut *mut c_uchar) -> c_int;
        pub fn EVP_PKEY_asn1_find_str(
            engine: *mut *mut c_void,
            name: *const c_char,
            length: c_int,
        ) -> *const c_void;
        pub fn EVP_PKEY_get0_type_name(key: *const ffi::EVP_PKEY) -> *const c_char;
        pub fn EVP_PKEY_get_group_name(
            key: *const ffi::EVP_PKEY,
            name: *mut c_char,
            size: usize,
            len: *mut usize,
        ) -> c_int;
        pub fn OSSL_PARAM_construct_utf8_string(
            key: *const c_char,
            buf: *mut c_char,
            size: usize,
        ) -> ffi::OSSL_PARAM;
    }
}

/// Lengths of a session ticket key's parts, as tlsmgr(8) hands them out.
pub const TICKET_NAME: usize = 16;
pub const TICKET_KEY: usize = 32;
pub const TICKET_MAC: usize = 32;
const TICKET_IV: usize = 16;

/// A key for session tickets.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketKey {
    pub name: [u8; TICKET_NAME],
    pub cipher: [u8; TICKET_KEY],
    pub mac: [u8; TICKET_MAC],
}

/// Finds ticket keys for a connection: `None` asks for the one to encrypt with. The flag tells that a ticket under this key
/// should be renewed.
pub type FindTicketKey =
    dyn Fn(&SslRef, Option<&[u8; TICKET_NAME]>) -> Option<(TicketKey, bool)> + Send + Sync;

struct Tickets {
    find: Box<FindTicketKey>,
    cipher: *const ffi::EVP_CIPHER,
}

// SAFETY: the cipher is one of libcrypto's static method tables, never changed nor freed; `find` is Send and Sync.
unsafe impl Send for Tickets {}
// SAFETY: as above.
unsafe impl Sync for Tickets {}

fn tickets_index() -> Option<Index<SslContext, Tickets>> {
    static INDEX: OnceLock<Option<Index<SslContext, Tickets>>> = OnceLock::new();
    *INDEX.get_or_init(|| SslContext::new_ex_index().ok())
}

/// Makes the context seal its session tickets with `cipher` (by name, as `aes-256-cbc`) under keys from `find`.
/// `false`: the cipher is unknown, or its key or IV is longer than the keys have room for.
pub fn set_ticket_keys(ctx: &mut SslContextBuilder, cipher: &str, find: Box<FindTicketKey>) -> bool {
    let (Ok(name), Some(index)) = (CString::new(cipher), tickets_index()) else { return false };
    // SAFETY: `name` is NUL-terminated; the result is null or a static table.
    let cipher = unsafe { ffi::EVP_get_cipherbyname(name.as_ptr()) };
    if cipher.is_null() {
        return false;
    }
    // SAFETY: `cipher` is a valid method table.
    let (key, iv) = unsafe { (ffi::EVP_CIPHER_key_length(cipher), ffi::EVP_CIPHER_iv_length(cipher)) };
    let fits = |len: c_int, max: usize| usize::try_from(len).is_ok_and(|len| len <= max);
    if !fits(key, TICKET_KEY) || !fits(iv, TICKET_IV) {
        return false;
    }
    ctx.set_ex_data(index, Tickets { find, cipher });
    // SAFETY: the context is valid; the callback matches the type and finds its data in the context.
    unsafe { externs::SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx.as_ptr(), Some(ticket_callback)) == 1 }
}

/// OpenSSL's answers: -1 error, 0 no ticket, 1 done, 2 done and send a fresh ticket.
unsafe extern "C" fn ticket_callback(
    ssl: *mut ffi::SSL,
    name: *mut c_uchar,
    iv: *mut c_uchar,
    cipher: *mut ffi::EVP_CIPHER_CTX,
    mac: *mut ffi::EVP_MAC_CTX,
    encrypt: c_int,
) -> c_int {
    let work = || -> Option<c_int> {
        // SAFETY: OpenSSL passes the connection at work.
        let connection = unsafe { SslRef::from_ptr(ssl) };
        let context = connection.ssl_context();
        let tickets = context.ex_data(tickets_index()?)?;
        // SAFETY: OpenSSL's `name` has room for 16 bytes, in both directions.
        let name = unsafe { &mut *name.cast::<[u8; TICKET_NAME]>() };
        let wanted = if encrypt != 0 { None } else { Some(&*name) };
        let (key, renew) = (tickets.find)(connection, wanted)?;
        if encrypt != 0 {
            *name = key.name;
        }
        let mut mac_key = key.mac;
        let mut digest = *b"sha256\0";
        // SAFETY: each parameter points to a live buffer of the given size until set_params returns, which copies; `iv` has
        // room for EVP_MAX_IV_LENGTH (16) bytes, and the cipher's IV and key are no longer than what is given (checked at
        // set-up); both contexts are OpenSSL's own.
        unsafe {
            let params = [
                ffi::OSSL_PARAM_construct_octet_string(
                    c"key".as_ptr(),
                    mac_key.as_mut_ptr().cast(),
                    mac_key.len(),
                ),
                externs::OSSL_PARAM_construct_utf8_string(c"digest".as_ptr(), digest.as_mut_ptr().cast(), 0),
                ffi::OSSL_PARAM_construct_end(),
            ];
            if ffi::EVP_MAC_CTX_set_params(mac, params.as_ptr()) != 1 {
                return None;
            }
            let keyed = if encrypt != 0 {
                ffi::RAND_bytes(iv, TICKET_IV as c_int) == 1
                    && ffi::EVP_EncryptInit_ex(
                        cipher,
                        tickets.cipher,
                        ptr::null_mut(),
                        key.cipher.as_ptr(),
                        iv,
                    ) == 1
            } else {
                ffi::EVP_DecryptInit_ex(cipher, tickets.cipher, ptr::null_mut(), key.cipher.as_ptr(), iv) == 1
            };
            keyed.then_some(if encrypt == 0 && renew { 2 } else { 1 })
        }
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Some(answer)) => answer,
        Ok(None) => 0,
        Err(_) => -1,
    }
}

/// Makes the server context ask `find` (session id → DER) for sessions that clients want to resume.
pub fn set_session_lookup(
    ctx: &mut SslContextBuilder,
    find: impl Fn(&SslRef, &[u8]) -> Option<Vec<u8>> + Send + Sync + 'static,
) {
    let callback = move |ssl: &mut SslRef, id: &[u8]| SslSession::from_der(&find(ssl, id)?).ok();
    // SAFETY: each returned session has just been made from its serialised form, so it belongs to no other context.
    unsafe { ctx.set_get_session_callback(callback) }
}

/// Offers the server a stored session (DER). `false`: it is damaged.
pub fn offer_session(ssl: &mut SslRef, der: &[u8]) -> bool {
    let Ok(session) = SslSession::from_der(der) else { return false };
    // SAFETY: the session has just been made from its serialised form, so it belongs to no other context.
    unsafe { ssl.set_session(&session) }.is_ok()
}

/// How long OpenSSL honours sessions of this context, in seconds.
pub fn set_session_timeout(ctx: &mut SslContextBuilder, seconds: i64) {
    // SAFETY: the context is valid.
    unsafe { externs::SSL_CTX_set_timeout(ctx.as_ptr(), c_long::try_from(seconds).unwrap_or(c_long::MAX)) };
}

/// Adds a certificate with its key and chain; one of each algorithm can be there at a time.
pub fn use_certificate(
    ctx: &mut SslContextBuilder,
    cert: &X509Ref,
    key: &PKeyRef<Private>,
    chain: Vec<X509>,
) -> Result<(), ErrorStack> {
    let stack = stack(chain)?;
    // SAFETY: all pointers are valid; the context takes its own references.
    let done = unsafe {
        externs::SSL_CTX_use_cert_and_key(ctx.as_ptr(), cert.as_ptr(), key.as_ptr(), stack.as_ptr(), 1)
    };
    if done == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}

/// As [`use_certificate`], for one connection only.
pub fn use_certificate_here(
    ssl: &mut SslRef,
    cert: &X509Ref,
    key: &PKeyRef<Private>,
    chain: Vec<X509>,
) -> Result<(), ErrorStack> {
    let stack = stack(chain)?;
    // SAFETY: all pointers are valid; the connection takes its own references.
    let done = unsafe {
        externs::SSL_use_cert_and_key(ssl.as_ptr(), cert.as_ptr(), key.as_ptr(), stack.as_ptr(), 1)
    };
    if done == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}

fn stack(certs: Vec<X509>) -> Result<Stack<X509>, ErrorStack> {
    let mut stack = Stack::new()?;
    for cert in certs {
        stack.push(cert)?;
    }
    Ok(stack)
}

/// Takes Diffie-Hellman groups to fit the certificate's strength.
pub fn set_dh_auto(ctx: &mut SslContextBuilder) {
    // SAFETY: the context is valid.
    unsafe { ffi::SSL_CTX_set_dh_auto(ctx.as_ptr(), 1) };
}

/// Switches protocol options on for one connection (SSL_OP_…).
pub fn set_options(ssl: &mut SslRef, options: u64) {
    // SAFETY: the connection is valid.
    unsafe { externs::SSL_set_options(ssl.as_ptr(), options) };
}

/// One event of a handshake, for loglevel 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A step was done: "SSL_accept", state.
    Step(&'a str, &'a str),
    /// An alert: "read" or "write", severity, description.
    Alert(&'a str, &'a str, &'a str),
    /// The handshake stopped: "SSL_accept", state, whether for an error.
    Stopped(&'a str, &'a str, bool),
}

/// Calls `on` at each step of every handshake of the context.
pub fn set_info(ctx: &mut SslContextBuilder, on: fn(Event<'_>)) {
    static ON: OnceLock<fn(Event<'_>)> = OnceLock::new();
    ON.get_or_init(|| on);
    // SAFETY: OpenSSL calls with a live connection.
    unsafe extern "C" fn callback(ssl: *const ffi::SSL, place: c_int, value: c_int) {
        let Some(on) = ON.get() else { return };
        // SAFETY: the connection outlives the callback.
        let ssl = unsafe { SslRef::from_ptr(ssl.cast_mut()) };
        // An unwind must not cross into C.
        let _ = catch_unwind(AssertUnwindSafe(|| tell(*on, ssl, place, value)));
    }
    // SAFETY: the context is valid and the callback is of its type.
    unsafe { externs::SSL_CTX_set_info_callback(ctx.as_ptr(), Some(callback)) };
}

const CB_LOOP: c_int = 0x01;
const CB_EXIT: c_int = 0x02;
const CB_READ: c_int = 0x04;
const CB_ALERT: c_int = 0x4000;
const ST_CONNECT: c_int = 0x1000;
const ST_ACCEPT: c_int = 0x2000;
const CLOSE_NOTIFY: c_int = 0;

fn tell(on: fn(Event<'_>), ssl: &SslRef, place: c_int, value: c_int) {
    let who = if place & ST_CONNECT != 0 {
        "SSL_connect"
    } else if place & ST_ACCEPT != 0 {
        "SSL_accept"
    } else {
        "unknown"
    };
    if place & CB_LOOP != 0 {
        on(Event::Step(who, ssl.state_string_long()));
    } else if place & CB_ALERT != 0 {
        if value & 0xff != CLOSE_NOTIFY {
            // SAFETY: both return static texts for any value.
            let (severity, what) = unsafe {
                (
                    text(externs::SSL_alert_type_string_long(value)),
                    text(externs::SSL_alert_desc_string_long(value)),
                )
            };
            on(Event::Alert(if place & CB_READ != 0 { "read" } else { "write" }, severity, what));
        }
    } else if place & CB_EXIT != 0 && value <= 0 {
        on(Event::Stopped(who, ssl.state_string_long(), value < 0));
    }
}

/// # Safety
/// `text` is null or a static, NUL-terminated text.
unsafe fn text<'a>(text: *const c_char) -> &'a str {
    if text.is_null() {
        return "";
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or_default()
}

const CTRL_GET_PEER_SIGNATURE_NID: c_int = 108;
const CTRL_GET_SIGNATURE_NID: c_int = 132;

/// The digest that the peer signed the handshake with.
pub fn peer_signature_digest(ssl: &SslRef) -> Option<Nid> {
    signature_digest(ssl, CTRL_GET_PEER_SIGNATURE_NID)
}

/// The digest that we signed the handshake with; `None` also if we signed nothing.
pub fn own_signature_digest(ssl: &SslRef) -> Option<Nid> {
    signature_digest(ssl, CTRL_GET_SIGNATURE_NID)
}

fn signature_digest(ssl: &SslRef, control: c_int) -> Option<Nid> {
    let mut nid: c_int = 0;
    // SAFETY: the connection is valid; both controls write one int to where they are told.
    let done = unsafe { ffi::SSL_ctrl(ssl.as_ptr(), control, 0, (&raw mut nid).cast::<c_void>()) };
    (done == 1 && nid != 0).then(|| Nid::from_raw(nid))
}

/// A key's algorithm by its provider's name ("X25519", "RSA", "X25519MLKEM768"), also where it has no numeric id.
pub fn key_type<T: HasPublic>(key: &PKeyRef<T>) -> &str {
    // SAFETY: the key is valid; the name lives as long as the key.
    unsafe { text(externs::EVP_PKEY_get0_type_name(key.as_ptr())) }
}

/// The group of a DH or EC key ("prime256v1", "ffdhe2048").
pub fn key_group<T: HasPublic>(key: &PKeyRef<T>) -> Option<String> {
    let mut name = [0u8; 80];
    let mut len = 0;
    // SAFETY: the key is valid; `name` has the room that is told.
    let done = unsafe {
        externs::EVP_PKEY_get_group_name(key.as_ptr(), name.as_mut_ptr().cast(), name.len(), &mut len)
    };
    if done != 1 {
        return None;
    }
    std::str::from_utf8(name.get(..len)?).ok().map(str::to_owned)
}

/// The key exchange group by its name in TLS ("x25519", "secp256r1", "X25519MLKEM768"), where the library can tell: from
/// OpenSSL 3.2 on.
pub fn group_name(ssl: &SslRef) -> Option<&str> {
    type GroupName = unsafe extern "C" fn(*mut ffi::SSL) -> *const c_char;
    static FUNCTION: OnceLock<Option<GroupName>> = OnceLock::new();
    let function = (*FUNCTION.get_or_init(|| {
        // SAFETY: the name is NUL-terminated; a symbol of this name is libssl's function of this type.
        unsafe {
            let symbol = libc::dlsym(libc::RTLD_DEFAULT, c"SSL_get0_group_name".as_ptr());
            (!symbol.is_null()).then(|| std::mem::transmute::<*mut c_void, GroupName>(symbol))
        }
    }))?;
    // SAFETY: the connection is valid; the name is static or lives as long as the connection.
    let name = unsafe { text(function(ssl.as_ptr())) };
    (!name.is_empty()).then_some(name)
}

/// A certificate's public key (SubjectPublicKeyInfo) byte for byte as the certificate has it.
pub fn public_key_der(cert: &X509Ref) -> Option<Vec<u8>> {
    // SAFETY: the certificate is valid; the key belongs to it and lives as long. The first call only measures, the second
    // writes exactly as much to a buffer of that size.
    unsafe {
        let key = externs::X509_get_X509_PUBKEY(cert.as_ptr());
        if key.is_null() {
            return None;
        }
        let len = usize::try_from(externs::i2d_X509_PUBKEY(key, ptr::null_mut())).ok().filter(|&n| n > 0)?;
        let mut der = vec![0; len];
        let mut to: *mut c_uchar = der.as_mut_ptr();
        let wrote = externs::i2d_X509_PUBKEY(key, &mut to);
        (usize::try_from(wrote) == Ok(len)).then_some(der)
    }
}

/// Which kinds of public key this OpenSSL knows, of those that certificates of mail servers have.
pub fn public_key_algorithms() -> impl Iterator<Item = &'static str> {
    [("dsa", c"DSA"), ("ecdsa", c"EC"), ("rsa", c"RSA")].into_iter().filter_map(|(name, known_as)| {
        // SAFETY: the name ends with a NUL, which -1 says; no engine is asked for.
        let found = unsafe { externs::EVP_PKEY_asn1_find_str(ptr::null_mut(), known_as.as_ptr(), -1) };
        (!found.is_null()).then_some(name)
    })
}

/// The library's name, version and date, as `openssl version` prints them.
pub fn version_text() -> &'static str {
    openssl::version::version()
}

/// The library's version number, as part of what tells stored sessions apart.
pub fn version_number() -> i64 {
    openssl::version::number()
}
