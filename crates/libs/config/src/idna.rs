//! Internationalized domain names to ASCII: labels in lower case, then Punycode (RFC 3492).
//!
//! Of the mapping of UTS 46 this does the lower-casing; names are expected in normal form C, as people type them.

/// `bücher.example` as `xn--bcher-kva.example`. An ASCII name stays as it is.
pub fn to_ascii(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        return Some(domain.into());
    }
    let lower = domain.to_lowercase();
    let labels: Option<Vec<String>> = lower
        .split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'])
        .map(|label| {
            if label.is_ascii() {
                return Some(label.to_string());
            }
            Some(format!("xn--{}", punycode(label)?)).filter(|coded| coded.len() <= 63)
        })
        .collect();
    labels.map(|labels| labels.join("."))
}

/// `xn--bcher-kva.example` as `bücher.example`; None if a label does not decode, or not to what encodes as it.
pub fn to_utf8(domain: &str) -> Option<String> {
    let labels: Option<Vec<String>> = domain
        .split('.')
        .map(|label| match label.get(..4).filter(|head| head.eq_ignore_ascii_case("xn--")) {
            None => Some(label.to_lowercase()),
            Some(_) => {
                let coded = label.get(4..)?.to_ascii_lowercase();
                let text = from_punycode(&coded)?;
                (!text.is_ascii() && punycode(&text).as_deref() == Some(&coded)).then_some(text)
            }
        })
        .collect();
    labels.map(|labels| labels.join("."))
}

fn from_punycode(coded: &str) -> Option<String> {
    let (basic, deltas) = coded.rsplit_once('-').unwrap_or(("", coded));
    let mut points: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128u32, 0u32, 72u32);
    let mut rest = deltas.chars();
    while let Some(mut c) = rest.next() {
        let (start, mut weight, mut k) = (i, 1u32, BASE);
        loop {
            // 26 letters, then ten digits.
            let value = match c {
                'a'..='z' => u32::from(c) - u32::from('a'),
                '0'..='9' => u32::from(c) - u32::from('0') + 26,
                _ => return None,
            };
            i = i.checked_add(value.checked_mul(weight)?)?;
            let t = if k <= bias { T_MIN } else { (k - bias).min(T_MAX) };
            if value < t {
                break;
            }
            weight = weight.checked_mul(BASE - t)?;
            k += BASE;
            c = rest.next()?;
        }
        let count = u32::try_from(points.len()).ok()?.checked_add(1)?;
        bias = adapt(i - start, count, start == 0);
        n = n.checked_add(i / count)?;
        i %= count;
        points.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i += 1;
    }
    Some(points.into_iter().collect())
}

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;

fn punycode(label: &str) -> Option<String> {
    let points: Vec<u32> = label.chars().map(u32::from).collect();
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut handled) = (128u32, 0u32, 72u32, basic);
    while usize::try_from(handled).ok()? < points.len() {
        let next = points.iter().copied().filter(|&p| p >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for &point in &points {
            if point < n {
                delta = delta.checked_add(1)?;
            }
            if point == n {
                let mut q = delta;
                let mut k = BASE;
                loop {
                    let t = if k <= bias { T_MIN } else { (k - bias).min(T_MAX) };
                    if q < t {
                        break;
                    }
                    out.push(digit(t + (q - t) % (BASE - t)));
                    q = (q - t) / (BASE - t);
                    k += BASE;
                }
                out.push(digit(q));
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n = n.checked_add(1)?;
    }
    Some(out)
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + 38)
}

fn digit(value: u32) -> char {
    char::from_digit(value.wrapping_sub(26), 10)
        .filter(|_| value >= 26)
        .unwrap_or_else(|| char::from_u32(u32::from('a') + value).unwrap_or('?'))
}

#[cfg(test)]
mod tests {
    use super::{to_ascii, to_utf8};

    #[test]
    fn names() {
        for (domain, want) in [
            ("Example.ORG", "Example.ORG"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("ÄÖ.Org", "xn--4ca0b.org"),
            ("日本語.jp", "xn--wgv71a119e.jp"),
            ("faß.de", "xn--fa-hia.de"),
            ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
        ] {
            assert_eq!(to_ascii(domain).as_deref(), Some(want), "{domain}");
            assert_eq!(to_utf8(want), Some(domain.to_lowercase()), "{want}");
        }
        for bad in ["xn--", "xn--\u{fc}", "xn--99999999"] {
            assert_eq!(to_utf8(bad), None, "{bad}");
        }
        assert_eq!(to_ascii(&"ü".repeat(80)), None);
    }
}
