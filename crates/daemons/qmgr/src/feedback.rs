//! Concurrency feedback: how much one good or bad delivery moves a destination's window.
//! Written in main.cf as a number (`1`), a fraction (`1/8`), or a number divided by a function of
//! the window (`1/concurrency`, `1/sqrt_concurrency`).

/// The rule of one transport for one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feedback {
    base: f64,
    by: By,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Nothing,
    Window,
    RootOfWindow,
}

impl Feedback {
    /// Always one.
    pub const ONE: Feedback = Feedback { base: 1.0, by: By::Nothing };

    /// The rule in `text`, or `None` when it is malformed or outside 0…1.
    pub fn parse(text: &str) -> Option<Feedback> {
        let (base, by) = match text.split_once('/') {
            None => (text.trim().parse().ok()?, By::Nothing),
            Some((base, by)) => {
                let base: f64 = base.trim().parse().ok()?;
                match by.trim() {
                    "concurrency" => (base, By::Window),
                    "sqrt_concurrency" => (base, By::RootOfWindow),
                    number => {
                        let divisor: f64 = number.parse().ok().filter(|divisor| *divisor > 0.0)?;
                        (base / divisor, By::Nothing)
                    }
                }
            }
        };
        (0.0..=1.0).contains(&base).then_some(Feedback { base, by })
    }

    /// The amount for a window of this size.
    pub fn value(self, window: u32) -> f64 {
        let window = f64::from(window.max(1));
        match self.by {
            By::Nothing => self.base,
            By::Window => self.base / window,
            By::RootOfWindow => self.base / window.sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_main_cf_may_say() {
        let value = |text: &str, window| Feedback::parse(text).map(|rule| rule.value(window));
        assert_eq!(value("1", 7), Some(1.0));
        assert_eq!(value("1/8", 7), Some(0.125));
        assert_eq!(value("1 / 4", 7), Some(0.25));
        assert_eq!(value("1/concurrency", 4), Some(0.25));
        assert_eq!(value("1/sqrt_concurrency", 16), Some(0.25));
        assert_eq!(value("0", 1), Some(0.0));
        for bad in ["", "2", "-1", "1/0", "1/x", "x", "1/8/2", "nan"] {
            assert_eq!(value(bad, 1), None, "{bad}");
        }
    }
}
