//! Text to typed value: numbers, times, booleans, bounded text.

use std::time::Duration;

use crate::param::{Kind, Row, Value};

/// Turns expanded text into the row's type; the error is the text after file and line.
pub fn convert(name: &str, row: &Row, text: &str) -> Result<Value, String> {
    match row.kind {
        Kind::Bool => parse_bool(text)
            .map(Value::Bool)
            .ok_or_else(|| format!("bad boolean configuration: {name} = {text}")),
        Kind::Int => {
            bounded(name, row, number(name, text, i64::from(i32::MIN), i64::from(i32::MAX))?).map(Value::Int)
        }
        Kind::Long => bounded(name, row, number(name, text, i64::MIN, i64::MAX)?).map(Value::Int),
        Kind::Time(unit) => {
            let seconds = parse_time(text, unit)
                .ok_or_else(|| format!("parameter {name}: bad time value or unit: {text}"))?;
            bounded(name, row, seconds)?;
            let seconds = u64::try_from(seconds).map_err(|_| format!("invalid {name}: {seconds} (min 0)"))?;
            Ok(Value::Time(Duration::from_secs(seconds)))
        }
        Kind::Str | Kind::Raw => {
            let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
            if row.min > 0 && length < row.min {
                return Err(format!("bad string length {length} < {}: {name} = {text}", row.min));
            }
            if row.max > 0 && length > row.max {
                return Err(format!("bad string length {length} > {}: {name} = {text}", row.max));
            }
            Ok(Value::Text(text.into()))
        }
        Kind::Enum(words) if words.contains(&text) => Ok(Value::Text(text.into())),
        Kind::Enum(words) => Err(format!("bad value, not one of {}: {name} = {text}", words.join(", "))),
    }
}

/// yes or no, in any case.
pub fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("yes") {
        Some(true)
    } else if text.eq_ignore_ascii_case("no") {
        Some(false)
    } else {
        None
    }
}

/// Seconds of `10`, `10s`, `5m`, `2h`, `1d`, `1w`; a bare number has the given unit. None if malformed,
/// negative, or more than the reference's int holds.
pub fn parse_time(text: &str, default_unit: char) -> Option<i64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: i64 = number.parse().ok()?;
    let mut unit = unit.chars();
    let scale = match (unit.next().unwrap_or(default_unit).to_ascii_lowercase(), unit.next()) {
        ('s', None) => 1,
        ('m', None) => 60,
        ('h', None) => 3600,
        ('d', None) => 86_400,
        ('w', None) => 604_800,
        _ => return None,
    };
    number.checked_mul(scale).filter(|&s| s <= i64::from(i32::MAX))
}

fn number(name: &str, text: &str, low: i64, high: i64) -> Result<i64, String> {
    let bad = || format!("bad numerical configuration: {name} = {text}");
    let value: i64 = text.trim_start().parse().map_err(|_| bad())?;
    if value < low || value > high { Err(bad()) } else { Ok(value) }
}

fn bounded(name: &str, row: &Row, value: i64) -> Result<i64, String> {
    if row.min > 0 && value < row.min {
        return Err(format!("invalid {name} parameter value {value} < {}", row.min));
    }
    if row.max > 0 && value > row.max {
        return Err(format!("invalid {name} parameter value {value} > {}", row.max));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, unit, seconds) in [
            ("10", 's', Some(10)),
            ("10", 'h', Some(36_000)),
            ("5d", 's', Some(432_000)),
            ("1w", 's', Some(604_800)),
            ("2M", 's', Some(120)),
            ("", 's', None),
            ("10x", 's', None),
            ("10ss", 's', None),
            ("-1", 's', None),
            ("99999999999w", 's', None),
            ("1.5h", 's', None),
        ] {
            assert_eq!(parse_time(text, unit), seconds, "{text:?}");
        }
    }
}
