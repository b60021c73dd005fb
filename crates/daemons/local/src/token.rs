//! Members of an expansion: `/file`, `~/file`, `|command`, `:include:/file`, or an address.

use bstr::{BString, ByteSlice};
use delivery::{Fate, Outcome, Status};
use ipc::rewrite::flag;
use mail::rfc822::{self, Token};

use crate::state::{Job, State, both};
use crate::{command, file, forward, include, recipient};

const INCLUDE: &[u8] = b":include:";

/// Delivers to all members that `text` lists. Returns how many there were, and what became of them.
pub fn deliver_text(job: &Job<'_>, state: &State, text: &[u8]) -> (usize, Fate) {
    let (mut count, mut fate) = (0, Fate::Settled);
    for token in rfc822::parse(text, 0) {
        if let Token::Address(parts) = token {
            count += 1;
            fate = both(fate, deliver(job, state.clone(), &parts));
        }
    }
    (count, fate)
}

/// Delivers to the members in a file's lines, until one has to wait.
pub fn deliver_lines(job: &Job<'_>, state: &State, text: &[u8]) -> (usize, Fate) {
    let mut count = 0;
    for line in text.lines().filter(|line| !line.starts_with(b"#")) {
        let (more, fate) = deliver_text(job, state, line);
        count += more;
        if fate == Fate::Kept {
            return (count, fate);
        }
    }
    (count, Fate::Settled)
}

fn deliver(job: &Job<'_>, state: State, parts: &[Token]) -> Fate {
    let text = rfc822::internal_address(parts);
    match text.first() {
        Some(b'/') => file::deliver(job, state, &text),
        Some(b'~') => home_file(job, state, &text),
        Some(b'|') => {
            if state.expansion.is_some_and(|kind| job.local.commands_allowed.contains(&kind)) {
                return command::deliver(job, state, text.get(1..).unwrap_or_default());
            }
            let outcome = Outcome::new(Status::new(5, 7, 1), "mail to command is restricted");
            job.report_to_owner(&state, &outcome)
        }
        Some(b':') if text.get(..INCLUDE.len()).is_some_and(|head| head.eq_ignore_ascii_case(INCLUDE)) => {
            include::deliver(job, state, text.get(INCLUDE.len()..).unwrap_or_default())
        }
        _ => resolve(job, state, &rfc822::external_address(parts)),
    }
}

/// `~/file`, in the home of whose rights we have.
fn home_file(job: &Job<'_>, state: State, text: &BString) -> Fate {
    let bad = |what: &str| {
        log::warning!("{what} for: {text}");
        Outcome::new(Status::new(5, 3, 5), "mail system configuration error")
    };
    let Some(rest) = text.strip_prefix(b"~").filter(|rest| rest.starts_with(b"/")) else {
        return job.report_to_owner(&state, &bad("bad home directory syntax"));
    };
    let Some(home) = state.rights.home.clone() else {
        return job.report_to_owner(&state, &bad("unknown home directory"));
    };
    let home = if home == "/" { BString::default() } else { home };
    let path = BString::from([&home, rest].concat());
    file::deliver(job, state, &path)
}

/// An address (external form) as cleanup and the queue manager would take it: rewritten, resolved, and delivered here if
/// it is ours, else sent on.
pub fn resolve(job: &Job<'_>, mut state: State, external: &[u8]) -> Fate {
    state.level += 1;
    let failure = |state: &State| job.result(state, Status::new(4, 3, 0), "address resolver failure");
    let warn = |error: std::io::Error| {
        log::warning!("problem talking to the address rewriting service: {}", sys::errno_text(&error));
    };
    let rewriter = &job.local.rewriter;
    let canonical = rewriter.rewrite("local", external).map_err(warn);
    let resolved = canonical.and_then(|canonical| {
        let internal = mail::quote::unquote_822_local(&canonical);
        rewriter.resolve(false, b"", &internal).map_err(warn)
    });
    let Ok(mut resolved) = resolved else { return failure(&state) };
    if resolved.flags & flag::FAIL != 0 {
        return failure(&state);
    }
    if resolved.flags & flag::ERROR != 0 {
        let text = format!("bad recipient address syntax: {}", resolved.recipient);
        return job.result(&state, Status::new(5, 1, 3), text);
    }
    if let (Some(unmatched), Some(delimiter)) = (&state.unmatched, job.local.delimiter.chars().next()) {
        let extension = [delimiter.to_string().as_bytes(), unmatched].concat();
        resolved.recipient = tables::address::with_extension(&resolved.recipient, &extension);
    }
    state.recipient.address = resolved.recipient;
    if resolved.transport == job.service {
        recipient::deliver(job, state)
    } else {
        forward::indirect(job, &state)
    }
}
