//! Port names: `smtp` is 25. The file is read as getservbyname(3)'s usual source, /etc/services.

/// The TCP port of that name or alias, or the number itself.
pub fn tcp_port(name: &str) -> Option<u16> {
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.parse().ok();
    }
    let text = std::fs::read("/etc/services").unwrap_or_default();
    find(&String::from_utf8_lossy(&text), name).or_else(|| well_known(name))
}

fn find(services: &str, name: &str) -> Option<u16> {
    services.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let first = words.next()?;
        let port = words.next()?.strip_suffix("/tcp")?.parse().ok()?;
        (first == name || words.any(|alias| alias == name)).then_some(port)
    })
}

/// The ports of mail, for minimal machines (containers) that have no /etc/services.
fn well_known(name: &str) -> Option<u16> {
    match name {
        "smtp" => Some(25),
        "lmtp" => Some(24),
        "smtps" | "submissions" => Some(465),
        "submission" => Some(587),
        "qmqp" => Some(628),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_aliases_and_numbers() {
        let services = "smtp 25/tcp mail # x\ntime 37/udp timserver\nsubmissions\t465/tcp\tssmtp smtps\n";
        let cases =
            [("smtp", Some(25)), ("mail", Some(25)), ("smtps", Some(465)), ("x", None), ("time", None)];
        for (name, port) in cases {
            assert_eq!(find(services, name), port, "{name}");
        }
        assert_eq!(tcp_port("2525"), Some(2525));
        assert_eq!(tcp_port("70000"), None);
        assert_eq!(tcp_port(""), None);
    }
}
