//! Manual pages: man/pages/NAME.SECTION.txt, plus what the registry knows, becomes man/manN/NAME.N.
//!
//! The sources are plain text: the first line is `name - purpose`; `# HEADING`; paragraphs; `- item: text`;
//! lines that start with four blanks are shown as they are; `*bold*` and `_italic_` words; `@parameters` is the
//! program's parameter list and `@missing` what it does not read yet. `@as NAME.SECTION` as the second line takes all but
//! the name from another source: for programs with several names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::registry::Param;

/// Every page with its text.
pub fn pages(root: &Path, params: &[Param]) -> Result<Vec<(PathBuf, String)>, String> {
    let dir = root.join("man/pages");
    let entries = fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut sources: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    sources.sort();
    let mut made = Vec::new();
    for source in sources {
        let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some((name, section)) = stem.rsplit_once('.') else { continue };
        let text = fs::read_to_string(&source).map_err(|e| format!("{}: {e}", source.display()))?;
        let text = match text.lines().nth(1).and_then(|line| line.strip_prefix("@as ")) {
            Some(other) => {
                let other = dir.join(format!("{other}.txt"));
                let whole = fs::read_to_string(&other).map_err(|e| format!("{}: {e}", other.display()))?;
                let rest = whole.split_once('\n').map_or("", |(_, rest)| rest);
                format!("{}\n{rest}", text.lines().next().unwrap_or_default())
            }
            None => text,
        };
        let page = page(name, section, &text, params);
        made.push((root.join(format!("man/man{section}/{name}.{section}")), page));
    }
    made.push((root.join("man/man5/postconf.5"), postconf_5(root, params)?));
    Ok(made)
}

fn page(name: &str, section: &str, source: &str, params: &[Param]) -> String {
    let mut out = head(name, section);
    let mut lines = source.lines();
    out.push_str(&format!(
        ".SH NAME\n{}\n",
        inline(lines.next().unwrap_or_default()).replacen(" - ", " \\- ", 1)
    ));
    body(lines, &mut out, |directive, out| match directive {
        "parameters" => parameters(name, params, out),
        "missing" => {
            let before = out.len();
            missing(name, params, out);
            // Nothing is missing: no heading either.
            if out.len() == before && out.lines().last().is_some_and(|line| line.starts_with(".SH ")) {
                let heading = out.trim_end().rfind('\n').map_or(0, |at| at + 1);
                out.truncate(heading);
            }
        }
        _ => {}
    });
    out
}

fn head(name: &str, section: &str) -> String {
    format!(
        ".\\\" Made by cargo xtask gen from man/pages and man/params. Do not edit.\n.TH {} {section} \"\" Ferropost\n.ad l\n",
        name.to_uppercase()
    )
}

fn body<'a>(
    lines: impl Iterator<Item = &'a str>,
    out: &mut String,
    mut directive: impl FnMut(&str, &mut String),
) {
    let mut example = false;
    let mut fresh = true;
    for line in lines {
        let shown = line.starts_with("    ");
        if example && !shown && !line.is_empty() {
            out.push_str(".fi\n.RE\n");
            example = false;
        }
        if let Some(heading) = line.strip_prefix("# ") {
            out.push_str(&format!(".SH \"{heading}\"\n"));
            fresh = true;
        } else if let Some(name) = line.strip_prefix('@') {
            directive(name, out);
            fresh = true;
        } else if let Some((item, text)) = line.strip_prefix("- ").and_then(|l| l.split_once(": ")) {
            out.push_str(&format!(".TP\n{}\n{}\n", inline(item), inline(text)));
            fresh = false;
        } else if shown {
            if !example {
                out.push_str(".RS 4\n.nf\n");
                example = true;
            }
            out.push_str(&format!("{}\n", escape(line.trim_start())));
        } else if line.is_empty() {
            if !fresh && !example {
                out.push_str(".PP\n");
            }
            fresh = true;
        } else {
            out.push_str(&format!("{}\n", inline(line.trim_start())));
            fresh = false;
        }
    }
    if example {
        out.push_str(".fi\n.RE\n");
    }
}

/// Text with what roff would read as commands made harmless.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

/// `*bold*` and `_italic_`, where the mark stands at a word's edge.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let escaped = escape(text);
    let mut before = ' ';
    let mut open: Option<char> = None;
    let chars: Vec<char> = escaped.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let after = chars.get(at + 1).copied().unwrap_or(' ');
        let edge = |c: char| !c.is_alphanumeric() && c != '_';
        match (c, open) {
            ('*' | '_', None)
                if edge(before)
                    && !after.is_whitespace()
                    && before != '*'
                    && chars.iter().skip(at + 1).any(|&x| x == c) =>
            {
                out.push_str(if c == '*' { "\\fB" } else { "\\fI" });
                open = Some(c);
            }
            (c, Some(mark)) if c == mark && edge(after) => {
                out.push_str("\\fR");
                open = None;
            }
            (c, _) => out.push(c),
        }
        before = c;
    }
    if open.is_some() {
        out.push_str("\\fR");
    }
    out
}

/// The parameters that a program's own code reads, each with its default and the first sentence of its text.
fn parameters(name: &str, params: &[Param], out: &mut String) {
    let program = if name == "lmtp" { "smtp" } else { name };
    let read: Vec<&Param> = params.iter().filter(|p| readers(p).any(|r| r == program)).collect();
    if read.is_empty() {
        return;
    }
    out.push_str(".SH \"CONFIGURATION PARAMETERS\"\n");
    out.push_str("Read by the program itself; what it reads through libraries (tables, TLS, delivery, log) is in \\fBpostconf\\fR(5), which also tells more of these.\n");
    for p in read {
        out.push_str(&format!(
            ".TP\n\\fB{}\\fR ({})\n{}\n",
            shown_name(p),
            default(p),
            escape(&first_sentence(p))
        ));
    }
}

/// What Postfix's program of the same name reads and ours does not.
fn missing(name: &str, params: &[Param], out: &mut String) {
    let gap: Vec<String> = params
        .iter()
        .filter(|p| p.status == "planned" && !p.hidden && p.in_postfix.split(", ").any(|r| r == name))
        .map(shown_name)
        .collect();
    if gap.is_empty() {
        return;
    }
    out.push_str(&format!(
        ".PP\nThese parameters of Postfix's \\fB{name}\\fR have no effect yet: {}.\n",
        gap.join(", ")
    ));
}

fn readers(p: &Param) -> impl Iterator<Item = &str> {
    p.read_by.split(", ").filter(|r| !r.is_empty())
}

fn shown_name(p: &Param) -> String {
    match &p.family {
        Some(suffix) => format!("\\fItransport\\fR{}", escape(suffix)),
        None => escape(&p.name),
    }
}

fn default(p: &Param) -> String {
    match p.default.as_str() {
        "" => "empty".into(),
        "computed" => "see 'postconf \\-d' output".into(),
        text => escape(text),
    }
}

fn first_sentence(p: &Param) -> String {
    let text = text(p).replace('\n', " ");
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text,
    }
}

/// The registry's text; lmtp_ twins need none of their own.
pub fn text(p: &Param) -> String {
    if p.text.is_empty() && p.name.starts_with("lmtp_") {
        let twin = format!("smtp_{}", p.name.trim_start_matches("lmtp_").replacen("lhlo", "helo", 1));
        return format!("What {twin} is for SMTP, for mail delivered by LMTP.");
    }
    p.text.clone()
}

fn postconf_5(root: &Path, params: &[Param]) -> Result<String, String> {
    let source = root.join("man/pages/postconf.5");
    let source = fs::read_to_string(&source).map_err(|e| format!("{}: {e}", source.display()))?;
    let mut out = head("postconf", "5");
    let mut lines = source.lines();
    out.push_str(&format!(
        ".SH NAME\n{}\n",
        inline(lines.next().unwrap_or_default()).replacen(" - ", " \\- ", 1)
    ));
    body(lines, &mut out, |_, _| {});
    out.push_str(".SH PARAMETERS\n");
    for p in params.iter().filter(|p| !p.hidden) {
        out.push_str(&format!(
            ".SS \"{} (default: {})\"\n",
            shown_name(p),
            default(p).replace('"', "\\(dq").replace(':', ":\\:")
        ));
        let text = text(p);
        for line in text.lines() {
            out.push_str(&format!("{}\n", escape(line)));
        }
        if !text.is_empty() {
            out.push_str(".PP\n");
        }
        if p.status == "planned" {
            out.push_str("\\fIHas no effect in this release.\\fR\n");
        } else {
            let who: Vec<String> = readers(p)
                .map(|r| {
                    r.strip_prefix("lib:").map_or(r.to_string(), |l| format!("all that use the {l} library"))
                })
                .collect();
            out.push_str(&format!("Read by: {}.\n", escape(&who.join(", "))));
        }
        if !p.since.is_empty() {
            out.push_str(&format!("In Postfix since {}.\n", p.since));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup() {
        for (text, want) in [
            ("*smtpd* [-v]", "\\fBsmtpd\\fR [\\-v]"),
            ("_file_ and a_b_c", "\\fIfile\\fR and a_b_c"),
            (".x", "\\&.x"),
            ("2 * 3", "2 * 3"),
            ("*-c* _dir_:", "\\fB\\-c\\fR \\fIdir\\fR:"),
        ] {
            assert_eq!(inline(text), want, "{text}");
        }
    }

    #[test]
    fn a_page() {
        let p = Param {
            name: "x_time".into(),
            default: "5s".into(),
            read_by: "lib:tls, xd".into(),
            text: "How long. And more.".into(),
            ..Param::default()
        };
        let gap =
            Param { name: "y".into(), status: "planned".into(), in_postfix: "xd".into(), ..Param::default() };
        let page = page(
            "xd",
            "8",
            "xd - does x\n\n# SYNOPSIS\n*xd*\n\n# BUGS\n@missing\n\n@parameters\n",
            &[p, gap],
        );
        let whole = super::page("xd", "8", "xd - does x\n\n# BUGS\n@missing\n\n# SEE ALSO\n*y*(8)\n", &[]);
        assert!(whole.contains("does x\n.SH \"SEE ALSO\"\n"), "{whole}");
        assert!(page.contains(".SH NAME\nxd \\- does x\n"), "{page}");
        assert!(page.contains("no effect yet: y.\n"), "{page}");
        assert!(page.contains(".TP\n\\fBx_time\\fR (5s)\nHow long.\n"), "{page}");
    }
}
