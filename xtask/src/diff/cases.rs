//! The form of a case file: sections that begin with a line `[name argument]`.
//!
//! `[main.cf]` and `[master.cf]` are added to the instance's own (a name without `=` takes a setting away); `[file PATH]` is
//! a file below its root, `[bytes PATH]` one with escapes; `[include NAME]` stands for the sections of a file beside it;
//! `[queue]` is a shell script that fills the queue (commands only). `[case NAME]` is one case; `[each NAME]` a case
//! for each line below its line `--`, which takes the place of `%s` above it. In client lines and messages, `\r \n \t
//! \0 \\ \xHH` are bytes, `\{text*N}` is the text N times, and `\c` at the end leaves out the line's own end.

use std::path::Path;

/// Cases that share one configuration.
pub struct CaseFile {
    /// `dialogues`, `messages`, `commands`, `postconf` or `tables`.
    pub kind: &'static str,
    /// The file's name without `.txt`.
    pub name: String,
    pub main: String,
    pub master: Vec<String>,
    /// Paths below the instance's root, and text.
    pub files: Vec<(String, String)>,
    /// The same, by lines with escapes.
    pub bytes: Vec<(String, Vec<String>)>,
    /// Shell script that makes the queue.
    pub queue: String,
    pub cases: Vec<Case>,
}

/// One case: what is said, sent or run, by lines.
pub struct Case {
    pub name: String,
    pub lines: Vec<String>,
}

impl CaseFile {
    /// Reads a file; `common` is main.cf text for every configuration of this kind.
    pub fn read(path: &Path, kind: &'static str, common: &str) -> Result<CaseFile, String> {
        let text = std::fs::read_to_string(path).map_err(|err| format!("{}: {err}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut file = CaseFile {
            kind,
            name,
            main: common.to_string(),
            master: Vec::new(),
            files: Vec::new(),
            bytes: Vec::new(),
            queue: String::new(),
            cases: Vec::new(),
        };
        file.sections(path, &text)?;
        Ok(file)
    }

    fn sections(&mut self, path: &Path, text: &str) -> Result<(), String> {
        for (head, body) in sections(text) {
            match head.strip_prefix("include ") {
                Some(name) => {
                    let other = path.with_file_name(name);
                    let text = std::fs::read_to_string(&other)
                        .map_err(|err| format!("{}: {err}", other.display()))?;
                    self.sections(&other, &text)?;
                }
                None => self.section(&head, &body).map_err(|why| format!("{}: {why}", path.display()))?,
            }
        }
        Ok(())
    }

    fn section(&mut self, head: &str, body: &[String]) -> Result<(), String> {
        let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
        let text = || body.iter().map(|line| format!("{line}\n")).collect::<String>();
        match word {
            "main.cf" => self.main.push_str(&text()),
            "master.cf" => self.master.extend(body.iter().filter(|line| !line.is_empty()).cloned()),
            "file" => self.files.push((rest.to_string(), text())),
            "bytes" => self.bytes.push((rest.to_string(), trimmed(body))),
            "queue" => self.queue = text(),
            "case" => self.cases.push(Case { name: rest.to_string(), lines: trimmed(body) }),
            "each" => {
                let at =
                    body.iter().position(|line| line == "--").ok_or(format!("[{head}] has no line --"))?;
                let (model, values) = (body.get(..at).unwrap_or(&[]), body.get(at + 1..).unwrap_or(&[]));
                for value in trimmed(values) {
                    let lines = model.iter().map(|line| line.replace("%s", &value)).collect();
                    self.cases.push(Case { name: format!("{rest} {value}"), lines });
                }
            }
            _ => return Err(format!("unknown section [{head}]")),
        }
        Ok(())
    }

    /// The full name of a case.
    pub fn full_name(&self, case: &Case) -> String {
        format!("{}/{}/{}", self.kind, self.name, case.name)
    }

    /// The full names of all cases.
    pub fn names(&self) -> Vec<String> {
        self.cases.iter().map(|case| self.full_name(case)).collect()
    }
}

const SECTIONS: [&str; 8] = ["main.cf", "master.cf", "file", "bytes", "include", "queue", "case", "each"];

fn sections(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        let head = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let head = head.filter(|head| SECTIONS.contains(&head.split(' ').next().unwrap_or("")));
        match (head, found.last_mut()) {
            (Some(head), _) => found.push((head.to_string(), Vec::new())),
            (None, Some((_, body))) => body.push(line.to_string()),
            // What stands above the first section is a comment.
            (None, None) => {}
        }
    }
    found
}

/// Without the empty lines at its end, which separate sections.
fn trimmed(body: &[String]) -> Vec<String> {
    let used = body.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
    body.iter().take(used).cloned().collect()
}

/// The bytes that a line stands for, and whether its end (CRLF, newline) belongs to it.
pub fn bytes(line: &str) -> (Vec<u8>, bool) {
    let (mut out, mut end) = (Vec::new(), true);
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(rest.get(..at).unwrap_or("").as_bytes());
        rest = rest.get(at + 1..).unwrap_or("");
        let Some(letter) = rest.chars().next() else {
            out.push(b'\\');
            break;
        };
        let mut used = letter.len_utf8();
        match letter {
            'r' => out.push(b'\r'),
            'n' => out.push(b'\n'),
            't' => out.push(b'\t'),
            '0' => out.push(0),
            'c' if used == rest.len() => end = false,
            'x' => match rest.get(1..3).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) => {
                    out.push(byte);
                    used = 3;
                }
                None => out.extend_from_slice(b"\\x"),
            },
            '{' => {
                let inside = rest.find('}').and_then(|close| rest.get(1..close));
                match inside.and_then(|text| text.rsplit_once('*')).map(|(t, n)| (t, n.parse::<usize>())) {
                    Some((text, Ok(count))) => {
                        out.extend_from_slice(&bytes(text).0.repeat(count));
                        used = inside.map_or(0, str::len) + 2;
                    }
                    _ => out.extend_from_slice(b"\\{"),
                }
            }
            '\\' => out.push(b'\\'),
            other => out.extend_from_slice(format!("\\{other}").as_bytes()),
        }
        rest = rest.get(used..).unwrap_or("");
    }
    out.extend_from_slice(rest.as_bytes());
    (out, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_for_bytes() {
        let cases: [(&str, &[u8], bool); 7] = [
            ("EHLO x", b"EHLO x", true),
            (r"a\r\nb\c", b"a\r\nb", false),
            (r"\xff\0\t", b"\xff\0\t", true),
            (r"\{ab*3}.", b"ababab.", true),
            (r"\{\n*2}", b"\n\n", true),
            (r#"a\"b\\"#, br#"a\"b\"#, true),
            (r"\", br"\", true),
        ];
        for (line, want, end) in cases {
            assert_eq!(bytes(line), (want.to_vec(), end), "{line}");
        }
    }

    #[test]
    fn sections_and_cases() {
        let mut file = CaseFile {
            kind: "dialogues",
            name: "x".into(),
            main: String::new(),
            master: Vec::new(),
            files: Vec::new(),
            bytes: Vec::new(),
            queue: String::new(),
            cases: Vec::new(),
        };
        let text = "about\n[main.cf]\na = b\n[case one]\nNOOP\n[::1]\n\n[each r]\nRCPT %s\n--\nx\ny\n";
        for (head, body) in sections(text) {
            file.section(&head, &body).unwrap();
        }
        assert_eq!(file.main, "a = b\n");
        assert_eq!(file.names(), ["dialogues/x/one", "dialogues/x/r x", "dialogues/x/r y"]);
        assert_eq!(file.cases[0].lines, ["NOOP", "[::1]"]);
        assert_eq!(file.cases[2].lines, ["RCPT y"]);
    }
}
