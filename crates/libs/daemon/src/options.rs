//! The command line that master(8) gives a daemon.

/// What master(8) said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `-n`: the service's name in master.cf.
    pub service: Option<String>,
    /// `-t`: `inet`, `unix`, `unix-dgram`, `fifo` or `pass`.
    pub transport: Option<String>,
    /// `-c`: confine to the queue directory.
    pub chroot: bool,
    /// `-u`: become the mail owner.
    pub unprivileged: bool,
    /// `-l`: the process limit is 1.
    pub lonely: bool,
    /// `-z`: there is no process limit.
    pub unlimited: bool,
    /// `-s`: the number of listening sockets, from descriptor 6 on.
    pub sockets: usize,
    /// `-S`: serve standard input and output, without a master.
    pub standard: bool,
    /// `-d`: run by hand: log to standard error, no master.
    pub foreground: bool,
    /// `-v`, counted.
    pub verbose: u32,
    /// `-V`: log to standard error.
    pub to_stderr: bool,
    /// `-o name=value`, in order; `-i` and `-m` are `max_idle` and `max_use`.
    pub overrides: Vec<(String, String)>,
    /// What is left: pipe(8)'s and spawn(8)'s own arguments.
    pub rest: Vec<String>,
}

impl Options {
    /// Reads the arguments after the program's name; an error names the offending one.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Options, String> {
        let mut options = Options { sockets: 1, ..Options::default() };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let Some(letters) = argument.strip_prefix('-').filter(|l| !l.is_empty()) else {
                options.rest.push(argument);
                break;
            };
            if letters == "-" {
                break;
            }
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    'c' => options.chroot = true,
                    'd' => options.foreground = true,
                    'D' => {}
                    'l' => options.lonely = true,
                    'S' => options.standard = true,
                    'u' => options.unprivileged = true,
                    'v' => options.verbose += 1,
                    'V' => options.to_stderr = true,
                    'z' => options.unlimited = true,
                    'i' | 'm' | 'n' | 'o' | 'r' | 's' | 't' => {
                        let attached = letters.as_str().to_string();
                        let value = if attached.is_empty() {
                            arguments.next().ok_or(format!("option -{letter} needs an argument"))?
                        } else {
                            attached
                        };
                        options.set(letter, value)?;
                        break;
                    }
                    _ => return Err(format!("invalid option: -{letter}")),
                }
            }
        }
        options.rest.extend(arguments);
        Ok(options)
    }

    fn set(&mut self, letter: char, value: String) -> Result<(), String> {
        match letter {
            'i' => self.overrides.push(("max_idle".into(), value)),
            'm' => self.overrides.push(("max_use".into(), value)),
            'n' => self.service = Some(value),
            'o' => {
                let pair = config::parse_override(&value).map_err(|err| err.to_string())?;
                self.overrides.push(pair);
            }
            's' => {
                self.sockets = value
                    .parse()
                    .ok()
                    .filter(|n| (0..=1000).contains(n))
                    .ok_or(format!("invalid socket_count: {value}"))?;
            }
            't' => self.transport = Some(value),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options, String> {
        Options::parse(words.iter().map(|w| w.to_string()))
    }

    #[test]
    fn masters_words() {
        let o = parse(&["-n", "smtp", "-t", "inet", "-u", "-c", "-s", "2", "-o", "a=b", "-vv"]).unwrap();
        assert_eq!(o.service.as_deref(), Some("smtp"));
        assert_eq!(o.transport.as_deref(), Some("inet"));
        assert!(o.unprivileged && o.chroot && !o.lonely);
        assert_eq!((o.sockets, o.verbose), (2, 2));
        assert_eq!(o.overrides, [("a".to_string(), "b".to_string())]);
    }

    #[test]
    fn the_rest_is_the_programs() {
        let o = parse(&["-n", "x", "-t", "unix", "user=me", "argv=/bin/cat", "-v"]).unwrap();
        assert_eq!(o.rest, ["user=me", "argv=/bin/cat", "-v"]);
        assert_eq!(o.verbose, 0);
    }

    #[test]
    fn faults_name_the_option() {
        assert!(parse(&["-Q"]).unwrap_err().contains("-Q"));
        assert!(parse(&["-n"]).unwrap_err().contains("-n"));
        assert!(parse(&["-s", "x"]).unwrap_err().contains("socket_count"));
    }
}
