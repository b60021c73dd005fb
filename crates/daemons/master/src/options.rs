//! `master [-Dditvw] [-c config_dir] [-e exit_time]`

use std::path::PathBuf;
use std::time::Duration;

/// The command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `-c`: where main.cf and master.cf are.
    pub config_directory: Option<PathBuf>,
    /// `-D`, MAIL_DEBUG: start a debugger.
    pub debug: bool,
    /// `-d`: keep the terminal and the session.
    pub attached: bool,
    /// `-e`: end after that time.
    pub exit_time: Option<Duration>,
    /// `-i`: run as process 1 of a container.
    pub init: bool,
    /// `-s`: keep stdout, for `maillog_file = /dev/stdout`.
    pub keep_stdout: bool,
    /// `-t`: is a master running?
    pub test_lock: bool,
    /// `-v`, counted; MAIL_VERBOSE is one.
    pub verbose: u32,
    /// `-w`: return when the background process has started well.
    pub wait: bool,
}

/// Reads the arguments after the program's name; an error is what is wrong with them.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let letters = argument.strip_prefix('-').filter(|letters| !letters.is_empty() && *letters != "-");
        let Some(letters) = letters else { return Err(format!("unexpected argument: {argument}")) };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'D' => options.debug = true,
                'd' => options.attached = true,
                'i' => options.init = true,
                's' => options.keep_stdout = true,
                't' => options.test_lock = true,
                'v' => options.verbose = options.verbose.saturating_add(1),
                'w' => options.wait = true,
                'c' | 'e' => {
                    let attached = letters.as_str();
                    let value =
                        if attached.is_empty() { arguments.next() } else { Some(attached.to_owned()) };
                    let value = value.ok_or_else(|| format!("option requires an argument -- '{letter}'"))?;
                    if letter == 'c' {
                        options.config_directory = Some(value.into());
                    } else {
                        let seconds = value.parse().map_err(|_| format!("bad exit time: {value}"))?;
                        options.exit_time = Some(Duration::from_secs(seconds));
                    }
                    break;
                }
                other => return Err(format!("invalid option -- '{other}'")),
            }
        }
    }
    if options.wait && (options.attached || options.init || options.keep_stdout || options.test_lock) {
        return Err(String::from("-w cannot be combined with -d, -i, -s or -t"));
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Result<Options, String> {
        parse(words.split_whitespace().map(String::from))
    }

    #[test]
    fn options_combine() {
        let options = parsed("-vvw -c /etc/x -e5").unwrap();
        assert_eq!(options.verbose, 2);
        assert!(options.wait);
        assert_eq!(options.config_directory, Some("/etc/x".into()));
        assert_eq!(options.exit_time, Some(Duration::from_secs(5)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for words in ["-x", "stray", "-c", "-e soon", "-w -d"] {
            assert!(parsed(words).is_err(), "{words}");
        }
    }
}
