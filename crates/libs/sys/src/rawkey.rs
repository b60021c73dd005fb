//! Raw public keys instead of certificates (RFC 7250), as the server and for both sides' logs. The functions are OpenSSL 3.2's; an
//! older library, also one that a program was not built with, simply has none.

use std::ffi::{c_int, c_uchar, c_void};
use std::sync::OnceLock;

use foreign_types::ForeignTypeRef;
use openssl::ssl::SslRef;
use openssl_sys as ffi;

use crate::dane::symbol;

/// Certificate types as TLS numbers them.
const X509: c_uchar = 0;
const RAW_KEY: c_uchar = 2;
const RAW_KEY_THEN_X509: [c_uchar; 2] = [RAW_KEY, X509];

type SetTypes = unsafe extern "C" fn(*mut ffi::SSL, *const c_uchar, usize) -> c_int;
type GetType = unsafe extern "C" fn(*const ffi::SSL) -> c_int;

fn setter(name: &'static std::ffi::CStr) -> Option<SetTypes> {
    // SAFETY: called with the names of functions of this type only (below).
    symbol(name).map(|at| unsafe { std::mem::transmute::<*mut c_void, SetTypes>(at) })
}

fn getter(name: &'static std::ffi::CStr) -> Option<GetType> {
    // SAFETY: called with the names of functions of this type only (below).
    symbol(name).map(|at| unsafe { std::mem::transmute::<*mut c_void, GetType>(at) })
}

fn set(function: SetTypes, ssl: &mut SslRef) -> bool {
    // SAFETY: the connection is valid; the list is as long as told, and is copied.
    unsafe { function(ssl.as_ptr(), RAW_KEY_THEN_X509.as_ptr(), RAW_KEY_THEN_X509.len()) == 1 }
}

/// Lets the client have our raw public key, if it asks. `None`: this library cannot.
pub fn offer_to_client(ssl: &mut SslRef) -> Option<bool> {
    static FUNCTION: OnceLock<Option<SetTypes>> = OnceLock::new();
    let function = (*FUNCTION.get_or_init(|| setter(c"SSL_set1_server_cert_type")))?;
    Some(set(function, ssl))
}

/// Has the client, where it is asked for a certificate, send a raw public key if it can. `None`: this library cannot.
pub fn ask_client(ssl: &mut SslRef) -> Option<bool> {
    static FUNCTION: OnceLock<Option<SetTypes>> = OnceLock::new();
    let function = (*FUNCTION.get_or_init(|| setter(c"SSL_set1_client_cert_type")))?;
    Some(set(function, ssl))
}

/// Whether the server, and whether the client, has a raw public key in this session.
pub fn agreed(ssl: &SslRef) -> (bool, bool) {
    static SERVER: OnceLock<Option<GetType>> = OnceLock::new();
    static CLIENT: OnceLock<Option<GetType>> = OnceLock::new();
    let server = *SERVER.get_or_init(|| getter(c"SSL_get_negotiated_server_cert_type"));
    let client = *CLIENT.get_or_init(|| getter(c"SSL_get_negotiated_client_cert_type"));
    let is_raw = |function: Option<GetType>| {
        // SAFETY: the connection is valid.
        function.is_some_and(|function| unsafe { function(ssl.as_ptr()) } == c_int::from(RAW_KEY))
    };
    (is_raw(server), is_raw(client))
}
