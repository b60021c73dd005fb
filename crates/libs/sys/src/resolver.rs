//! getaddrinfo(3), getnameinfo(3) and their kin: names as the system resolves them.

use std::ffi::{CStr, CString};
use std::mem;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr;

/// Which addresses to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Any,
    Ipv4,
    Ipv6,
}

/// A lookup that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupError {
    /// There is no such name; otherwise the trouble may pass.
    pub not_found: bool,
    /// gai_strerror(3).
    pub text: String,
}

impl LookupError {
    fn from_code(code: libc::c_int) -> LookupError {
        // SAFETY: gai_strerror returns a pointer to a static, NUL-terminated text for any code.
        let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
        let not_found = code == libc::EAI_NONAME || code == libc::EAI_NODATA || code == EAI_ADDRFAMILY;
        LookupError { not_found, text: text.to_string_lossy().into_owned() }
    }

    fn no_such_name() -> LookupError {
        LookupError::from_code(libc::EAI_NONAME)
    }
}

/// glibc's "address family for hostname not supported", which crate `libc` does not name on every target.
const EAI_ADDRFAMILY: libc::c_int = -9;

/// The addresses of a host name or numeric address, in the system's order, without repeats.
pub fn addresses_of(name: &[u8], family: Family) -> Result<Vec<IpAddr>, LookupError> {
    let name = CString::new(name).map_err(|_| LookupError::no_such_name())?;
    // SAFETY: all-zero is a valid addrinfo (integers and null pointers).
    let mut hints: libc::addrinfo = unsafe { mem::zeroed() };
    hints.ai_family = match family {
        Family::Any => libc::AF_UNSPEC,
        Family::Ipv4 => libc::AF_INET,
        Family::Ipv6 => libc::AF_INET6,
    };
    hints.ai_socktype = libc::SOCK_STREAM;
    let mut list: *mut libc::addrinfo = ptr::null_mut();
    // SAFETY: `name` is NUL-terminated, `hints` is initialised, `list` receives a list that is freed below.
    let code = unsafe { libc::getaddrinfo(name.as_ptr(), ptr::null(), &hints, &mut list) };
    if code != 0 {
        return Err(LookupError::from_code(code));
    }
    let mut found = Vec::new();
    let mut at = list;
    while !at.is_null() {
        // SAFETY: `at` is a live element of the list that getaddrinfo made.
        let info = unsafe { &*at };
        // SAFETY: ai_addr points to a socket address of the family that ai_family names.
        if let Some(addr) = unsafe { address(info.ai_family, info.ai_addr) } {
            if !found.contains(&addr) {
                found.push(addr);
            }
        }
        at = info.ai_next;
    }
    // SAFETY: `list` came from getaddrinfo and is freed once.
    unsafe { libc::freeaddrinfo(list) };
    if found.is_empty() { Err(LookupError::no_such_name()) } else { Ok(found) }
}

/// # Safety
/// `addr` is null or points to a socket address of `family`.
unsafe fn address(family: libc::c_int, addr: *const libc::sockaddr) -> Option<IpAddr> {
    if addr.is_null() {
        return None;
    }
    match family {
        libc::AF_INET => {
            // SAFETY: the caller vouches for the family; the list's storage is aligned for any socket address.
            let v4 = unsafe { &*addr.cast::<libc::sockaddr_in>() };
            Some(IpAddr::V4(Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr))))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6 = unsafe { &*addr.cast::<libc::sockaddr_in6>() };
            Some(IpAddr::V6(Ipv6Addr::from(v6.sin6_addr.s6_addr)))
        }
        _ => None,
    }
}

/// The name of the host with this address (NI_NAMEREQD: never the address itself).
pub fn name_of(addr: IpAddr) -> Result<String, LookupError> {
    match addr {
        IpAddr::V4(v4) => {
            // SAFETY: all-zero is a valid sockaddr_in.
            let mut sa: libc::sockaddr_in = unsafe { mem::zeroed() };
            sa.sin_family = libc::AF_INET as libc::sa_family_t;
            sa.sin_addr.s_addr = u32::from(v4).to_be();
            // SAFETY: a whole IPv4 socket address.
            unsafe { name_info((&raw const sa).cast(), mem::size_of_val(&sa)) }
        }
        IpAddr::V6(v6) => {
            // SAFETY: all-zero is a valid sockaddr_in6.
            let mut sa: libc::sockaddr_in6 = unsafe { mem::zeroed() };
            sa.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            sa.sin6_addr.s6_addr = v6.octets();
            // SAFETY: a whole IPv6 socket address.
            unsafe { name_info((&raw const sa).cast(), mem::size_of_val(&sa)) }
        }
    }
}

/// # Safety
/// `sa` points to a socket address of `len` bytes.
unsafe fn name_info(sa: *const libc::sockaddr, len: usize) -> Result<String, LookupError> {
    let mut host = [0 as libc::c_char; libc::NI_MAXHOST as usize];
    // SAFETY: the address and its length match by the caller's promise; `host` holds as many bytes as is told; no service is
    // asked for.
    let code = unsafe {
        libc::getnameinfo(
            sa,
            len as libc::socklen_t,
            host.as_mut_ptr(),
            host.len() as libc::socklen_t,
            ptr::null_mut(),
            0,
            libc::NI_NAMEREQD,
        )
    };
    if code != 0 {
        return Err(LookupError::from_code(code));
    }
    // SAFETY: on success getnameinfo leaves a NUL-terminated name in `host`.
    let name = unsafe { CStr::from_ptr(host.as_ptr()) };
    name.to_str().map(str::to_owned).map_err(|_| LookupError::no_such_name())
}

/// The port of a TCP service of the system's services database.
pub fn service_port(name: &str) -> Option<u16> {
    let name = CString::new(name).ok()?;
    // SAFETY: all-zero is a valid addrinfo.
    let mut hints: libc::addrinfo = unsafe { mem::zeroed() };
    hints.ai_family = libc::AF_INET;
    hints.ai_socktype = libc::SOCK_STREAM;
    let mut list: *mut libc::addrinfo = ptr::null_mut();
    // SAFETY: `name` is NUL-terminated, a null host asks for the service alone, `list` is freed below.
    let code = unsafe { libc::getaddrinfo(ptr::null(), name.as_ptr(), &hints, &mut list) };
    if code != 0 || list.is_null() {
        return None;
    }
    // SAFETY: a successful call gives at least one element, with an IPv4 socket address as the hints ask.
    let port = unsafe {
        let info = &*list;
        (info.ai_family == libc::AF_INET && !info.ai_addr.is_null())
            .then(|| u16::from_be((*info.ai_addr.cast::<libc::sockaddr_in>()).sin_port))
    };
    // SAFETY: `list` came from getaddrinfo and is freed once.
    unsafe { libc::freeaddrinfo(list) };
    port
}

/// The kernel's number of a network interface.
pub fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` is NUL-terminated.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => None,
        n => Some(n),
    }
}

/// Whether `addr` is one of this machine's own interface addresses is answered from this list (getifaddrs(3)).
pub fn interface_addresses() -> std::io::Result<Vec<IpAddr>> {
    let mut list: *mut libc::ifaddrs = ptr::null_mut();
    // SAFETY: `list` receives a list that is freed below.
    if unsafe { libc::getifaddrs(&mut list) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    let mut found = Vec::new();
    let mut at = list;
    while !at.is_null() {
        // SAFETY: `at` is a live element of the list.
        let entry = unsafe { &*at };
        if !entry.ifa_addr.is_null() {
            // SAFETY: ifa_addr points to a socket address whose family field says what it is.
            let addr = unsafe { address(libc::c_int::from((*entry.ifa_addr).sa_family), entry.ifa_addr) };
            if let Some(addr) = addr {
                if !found.contains(&addr) {
                    found.push(addr);
                }
            }
        }
        at = entry.ifa_next;
    }
    // SAFETY: `list` came from getifaddrs and is freed once.
    unsafe { libc::freeifaddrs(list) };
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_addresses_resolve_to_themselves() {
        assert_eq!(addresses_of(b"127.0.0.1", Family::Any), Ok(vec!["127.0.0.1".parse().unwrap()]));
        assert_eq!(addresses_of(b"::1", Family::Ipv6), Ok(vec!["::1".parse().unwrap()]));
    }

    #[test]
    fn the_local_host_has_a_name_and_addresses() {
        assert!(addresses_of(b"localhost", Family::Any).is_ok());
        assert!(name_of("127.0.0.1".parse().unwrap()).is_ok());
        assert!(interface_addresses().unwrap().contains(&"127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn nonsense_is_not_found() {
        assert!(addresses_of(b"a\0b", Family::Any).is_err_and(|e| e.not_found));
        assert_eq!(interface_index("no-such-interface"), None);
        assert_eq!(service_port("no-such-service-here"), None);
    }
}
