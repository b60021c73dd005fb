//! `|command`, mailbox_command and mailbox_command_maps.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use bstr::{BString, ByteSlice};
use config::params::{
    COMMAND_EXECUTION_DIRECTORY, COMMAND_EXPANSION_FILTER, EXECUTION_DIRECTORY_EXPANSION_FILTER,
    EXPORT_ENVIRONMENT, LOCAL_COMMAND_SHELL,
};
use delivery::command::{self, Command, Run, Verdict};
use delivery::{Fate, Status, copy};

use crate::state::{Job, State};
use crate::{expand, file};

/// Runs the command with the message as its input.
pub fn deliver(job: &Job<'_>, mut state: State, line: &[u8]) -> Fate {
    state.level += 1;
    let shown = line.as_bstr();
    if job.seen(&format!("command {}:{} {shown}", state.user, state.rights.uid)) {
        return Fate::Settled;
    }
    if job.delivery.is_probe() {
        return job.sent(&state, format!("delivers to command: {shown}"));
    }
    file::choose_rights(job, &mut state);
    let cf = job.local.config;
    let directory = cf.get(COMMAND_EXECUTION_DIRECTORY);
    let Some(directory) =
        expand::text(job, &state, directory, Some(cf.get(EXECUTION_DIRECTORY_EXPANSION_FILTER)))
    else {
        return job.result(&state, Status::new(4, 3, 5), "mail system configuration error");
    };
    let command = Command {
        program: "local",
        run: Run::Line { line, shell: cf.get(LOCAL_COMMAND_SHELL) },
        uid: state.rights.uid,
        gid: state.rights.gid,
        environment: environment(job, &state),
        export: cf.get(EXPORT_ENVIRONMENT),
        root: None,
        directory: (!directory.text.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(&directory.text))),
        time_limit: job.local.command_time_limit,
        copy: copy::Options {
            from_line: true,
            return_path: true,
            original_to: Some(&state.recipient.original),
            delivered_to: state
                .delivered
                .as_deref()
                .map(|d| d.as_bytes())
                .filter(|_| job.local.header.command),
            ..copy::Options::plain(&state.sender)
        },
    };
    match command::run(job.delivery, &job.local.privileges, &command) {
        Verdict::Done(_) => job.sent(&state, format!("delivered to command: {shown}")),
        Verdict::Failed(outcome) => job.report_to_owner(&state, &outcome),
        Verdict::Corrupt => Fate::Kept,
    }
}

/// What the command may know of the delivery. Values come from outside: anything that command_expansion_filter does not
/// allow becomes `_`.
fn environment(job: &Job<'_>, state: &State) -> Vec<(String, BString)> {
    let request = &job.delivery.request;
    let always = |text: &BString| Some(text.clone());
    let given = |text: &BString| (!text.is_empty()).then(|| text.clone());
    let filter = job.local.config.get(COMMAND_EXPANSION_FILTER).as_bytes();
    [
        ("HOME", state.rights.home.clone()),
        ("LOGNAME", always(&state.user)),
        ("USER", always(&state.user)),
        ("SENDER", always(&state.sender)),
        ("RECIPIENT", always(&state.recipient.address)),
        ("LOCAL", always(&state.local)),
        ("SHELL", state.rights.shell.clone()),
        ("DOMAIN", state.domain.clone()),
        ("EXTENSION", state.extension.clone()),
        ("ORIGINAL_RECIPIENT", given(&state.recipient.original)),
        ("CLIENT_HOSTNAME", given(&request.client_name)),
        ("CLIENT_ADDRESS", given(&request.client_addr)),
        ("CLIENT_HELO", given(&request.client_helo)),
        ("CLIENT_PROTOCOL", given(&request.client_proto)),
        ("SASL_METHOD", given(&request.sasl_method)),
        ("SASL_SENDER", given(&request.sasl_sender)),
        ("SASL_USERNAME", given(&request.sasl_username)),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        let value = value?.iter().map(|byte| if filter.contains(byte) { *byte } else { b'_' }).collect();
        Some((name.to_owned(), value))
    })
    .collect()
}
