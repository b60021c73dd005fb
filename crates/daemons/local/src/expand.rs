//! `$name` in forward_path, luser_relay and command_execution_directory: attributes of the delivery.

use std::cell::Cell;

use bstr::BString;

use crate::state::{Job, State};

/// An expanded text.
pub struct Expanded {
    pub text: BString,
    /// It has the address extension in it.
    pub has_extension: bool,
    /// It names an attribute that has no value.
    pub incomplete: bool,
}

/// Expands `pattern`; `None` when its syntax is wrong (which is logged). With a `filter`, other characters in values become `_`.
pub fn text(job: &Job<'_>, state: &State, pattern: &str, filter: Option<&str>) -> Option<Expanded> {
    let (has_extension, incomplete) = (Cell::new(false), Cell::new(false));
    let lookup = |name: &str| -> Option<String> {
        let Some(value) = attribute(job, state, name) else {
            incomplete.set(true);
            return None;
        };
        if name == "extension" {
            has_extension.set(true);
        }
        let value = value.to_string();
        Some(match filter {
            Some(allowed) => value.chars().map(|c| if allowed.contains(c) { c } else { '_' }).collect(),
            None => value,
        })
    };
    match config::expand_with(pattern, false, &lookup) {
        Ok(text) => Some(Expanded {
            text: text.into(),
            has_extension: has_extension.get(),
            incomplete: incomplete.get(),
        }),
        Err(error) => {
            log::warning!("bad parameter value syntax: {pattern}: {error}");
            None
        }
    }
}

fn attribute(job: &Job<'_>, state: &State, name: &str) -> Option<BString> {
    let request = &job.delivery.request;
    let some = |text: &BString| (!text.is_empty()).then(|| text.clone());
    match name {
        "user" => some(&state.user),
        "home" => state.rights.home.clone(),
        "shell" => state.rights.shell.clone(),
        "domain" => state.domain.clone(),
        "local" | "mailbox" => some(&state.local),
        "recipient" => some(&state.recipient.address),
        "extension" => state.extension.clone(),
        // The character between user and extension.
        "recipient_delimiter" => state.local.get(state.user.len()).map(|byte| BString::from(vec![*byte])),
        "client_hostname" => some(&request.client_name),
        "client_address" => some(&request.client_addr),
        "client_protocol" => some(&request.client_proto),
        "client_helo" => some(&request.client_helo),
        "sasl_method" => some(&request.sasl_method),
        "sasl_sender" => some(&request.sasl_sender),
        "sasl_username" => some(&request.sasl_username),
        _ => None,
    }
}
