//! Long lines of notices, broken at blanks: 79 columns, continuation lines indented by four.

const WIDTH: usize = 79;
const INDENT: usize = 4;

/// The lines that `text` becomes. A word that is longer than a line stays whole.
pub fn wrap(text: &[u8]) -> Vec<Vec<u8>> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut lines = Vec::new();
    let mut rest = text;
    let mut indent = 0;
    while !rest.is_empty() {
        let width = WIDTH - indent;
        let mut cut = rest.len();
        if rest.len() > width {
            // The last word that ends within the width; if not even the first does, that one.
            let ends = (0..rest.len()).filter(|at| {
                let here = rest.get(*at).is_some_and(blank);
                here && at.checked_sub(1).and_then(|before| rest.get(before)).is_some_and(|byte| !blank(byte))
            });
            let ends: Vec<usize> = ends.collect();
            if let Some(end) = ends.iter().rfind(|end| **end <= width).or(ends.first()) {
                cut = *end;
            }
        }
        let (line, tail) = rest.split_at_checked(cut).unwrap_or((rest, b""));
        let line = line.trim_ascii_end();
        if !line.is_empty() {
            lines.push([vec![b' '; indent], line.to_vec()].concat());
        }
        rest = tail.trim_ascii_start();
        indent = INDENT;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(input: &str) -> Vec<String> {
        wrap(input.as_bytes()).iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(text("short"), ["short"]);
        assert_eq!(text(""), Vec::<String>::new());
        let words = "word ".repeat(40);
        let lines = text(&words);
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        assert!(lines.iter().skip(1).all(|line| line.starts_with("    w")), "{lines:?}");
        assert_eq!(
            lines.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join(" "),
            words.trim_end()
        );
    }

    #[test]
    fn a_long_word_stays_whole() {
        let word = "x".repeat(200);
        assert_eq!(
            text(&format!("a {word} b")),
            ["a".to_string(), format!("    {word}"), "    b".to_string()]
        );
    }
}
