//! pipe(8): delivers to a command that master.cf names, with all recipients of a request at once.

mod arguments;
mod attributes;

use std::process::ExitCode;
use std::time::Duration;

use bstr::{BString, ByteSlice};
use config::params::{
    COMMAND_TIME_LIMIT, DOUBLE_BOUNCE_SENDER, EXPORT_ENVIRONMENT, MAIL_OWNER, OWNER_REQUEST_SPECIAL,
    PIPE_DELIVERY_STATUS_FILTER, RECIPIENT_DELIMITER, TRANSPORT_TIME_LIMIT,
};
use config::{Config, ConfigError, ParamRef};
use daemon::{Context, Setup};
use delivery::command::{self, Command, Run, Verdict};
use delivery::{Agent, Delivery, Outcome, Privileges, Status, copy, loops};

use crate::arguments::Expander;
use crate::attributes::Attributes;

/// All that requests share.
struct Pipe {
    agent: Agent,
    config: &'static Config,
    privileges: Privileges,
    attributes: Attributes,
    time_limit: Duration,
}

fn main() -> ExitCode {
    let mut parameters: Vec<ParamRef> = delivery::agent::parameters();
    parameters.extend::<[ParamRef; 7]>([
        COMMAND_TIME_LIMIT.into(),
        DOUBLE_BOUNCE_SENDER.into(),
        EXPORT_ENVIRONMENT.into(),
        MAIL_OWNER.into(),
        OWNER_REQUEST_SPECIAL.into(),
        PIPE_DELIVERY_STATUS_FILTER.into(),
        RECIPIENT_DELIMITER.into(),
    ]);
    daemon::agent("pipe").privileged().parameters(&parameters).before_jail(open).serve(session)
}

fn open(setup: &Setup) -> Result<Pipe, ConfigError> {
    let config = setup.config;
    let privileges = Privileges::new(config);
    Ok(Pipe {
        agent: Agent::open(config, PIPE_DELIVERY_STATUS_FILTER.name())?,
        config,
        attributes: Attributes::parse(&setup.args, config, &privileges).map_err(ConfigError::new)?,
        privileges,
        time_limit: config.try_transport(TRANSPORT_TIME_LIMIT, &setup.service)?,
    })
}

fn session(cx: &mut Context<Pipe>, stream: net::Stream) {
    let pipe = &cx.state;
    let service = cx.service.as_str();
    delivery::serve(&pipe.agent, stream, |delivery| {
        if let Some(outcome) = deliver(pipe, service, delivery) {
            for recipient in &delivery.request.recipients {
                let _ = delivery.report(recipient, service.as_bytes(), b"", &outcome);
            }
        }
    });
}

/// The result for all recipients of a request; `None` when there is nothing to report (a damaged queue file).
fn deliver(pipe: &Pipe, service: &str, delivery: &Delivery<'_>) -> Option<Outcome> {
    let attributes = &pipe.attributes;
    let recipients = &delivery.request.recipients;
    let misconfigured = || Outcome::new(Status::new(4, 3, 5), "mail system configuration error");
    if delivery.nexthop.is_empty() {
        log::fatal!("empty nexthop hostname");
    }
    for (wanted, flag) in [(attributes.delivered_to, 'D'), (attributes.original_to, 'O')] {
        if wanted && recipients.len() > 1 {
            log::warning!("pipe flag `{flag}' requires {service}_destination_recipient_limit = 1");
            return Some(misconfigured());
        }
    }
    if attributes
        .size_limit
        .is_some_and(|limit| u64::try_from(delivery.data_size).is_ok_and(|size| size > limit))
    {
        return Some(Outcome::new(Status::new(5, 2, 3), "message too large"));
    }
    if delivery.is_probe() {
        let program = attributes.command.first().cloned().unwrap_or_default();
        return Some(Outcome::new(Status::SENT, format!("delivers to command: {program}")));
    }
    let first = recipients.first()?;
    if attributes.delivered_to && loops::has_been(&loops::delivered_to(delivery), &first.address) {
        return Some(Outcome::new(
            Status::new(5, 4, 6),
            format!("mail forwarding loop for {}", first.address),
        ));
    }
    let sender = if delivery.sender.is_empty() { &attributes.null_sender } else { &delivery.sender };
    let expander = Expander {
        attributes,
        service,
        master_cf: pipe.config.directory().join("master.cf").display().to_string(),
        request: &delivery.request,
        sender,
        delimiter: pipe.config.get(RECIPIENT_DELIMITER),
        owner_request_special: pipe.config.get(OWNER_REQUEST_SPECIAL),
        double_bounce: pipe.config.get(DOUBLE_BOUNCE_SENDER),
    };
    let Some(arguments) = expander.expand(&attributes.command) else { return Some(misconfigured()) };
    let command = Command {
        program: "pipe",
        run: Run::Arguments(arguments),
        uid: attributes.uid,
        gid: attributes.gid,
        environment: Vec::new(),
        export: pipe.config.get(EXPORT_ENVIRONMENT),
        root: attributes.root.clone(),
        directory: attributes.directory.clone(),
        time_limit: pipe.time_limit,
        copy: copy::Options {
            sender,
            from_line: attributes.from_line,
            return_path: attributes.return_path,
            original_to: attributes.original_to.then(|| first.original.as_bytes()),
            delivered_to: attributes.delivered_to.then(|| first.address.as_bytes()),
            quote_from: attributes.quote_from,
            dot: attributes.dot,
            blank: attributes.blank,
            eol: &attributes.eol,
        },
    };
    match command::run(delivery, &pipe.privileges, &command) {
        Verdict::Done(said) => {
            let mut text = BString::from(format!("delivered via {service} service"));
            if !said.is_empty() {
                text.extend_from_slice(&[b" (", said.as_slice(), b")"].concat());
            }
            let action = if attributes.is_final { "delivered" } else { "relayed" };
            Some(Outcome::new(Status::SENT, text).acting(action))
        }
        Verdict::Failed(outcome) => Some(outcome),
        Verdict::Corrupt => None,
    }
}
