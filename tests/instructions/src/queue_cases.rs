//! Queue files and the configuration.

use std::path::Path;

use config::param::ParamRef;
use config::{Config, master};
use spool::status_log::{self, Entry};
use spool::{QueueId, Reader, SizeRecord, fields, record};

use crate::Case;

pub const CASES: &[Case] = &[
    Case { name: "spool-write", prepare: || Box::new(|| queue_file().len()) },
    Case {
        name: "spool-read",
        prepare: || {
            let file = queue_file();
            Box::new(move || {
                let mut reader = Reader::new(file.as_slice());
                let mut total = 0;
                while let Ok(Some(found)) = reader.next_record() {
                    total += found.data.len();
                    total += match found.kind {
                        b'C' => {
                            SizeRecord::parse(found.data).map_or(0, |size| usize::from(size.recipients > 0))
                        }
                        b'A' => fields::attribute(found.data).map_or(0, |(name, _)| name.len()),
                        b'T' => usize::from(fields::parse_time(found.data).is_some()),
                        _ => 0,
                    };
                }
                total
            })
        },
    },
    Case {
        name: "spool-ids",
        prepare: || {
            Box::new(|| {
                let mut total = 0;
                for number in 0..50u64 {
                    for id in [
                        QueueId::long(1_700_000_000 + number, 123_456, 98_765),
                        QueueId::short(123_456, 98_765),
                    ] {
                        total += QueueId::parse(id.as_bytes()).map_or(0, |id| id.hash_text().len());
                    }
                }
                total
            })
        },
    },
    Case {
        name: "spool-status-log",
        prepare: || {
            let entry = Entry {
                recipient: "joe@example.com".into(),
                offset: 613,
                status: "4.4.1".into(),
                action: "delayed".into(),
                reason: "connect to mx.example.com[192.0.2.1]:25: Connection refused".into(),
                ..Entry::default()
            };
            Box::new(move || {
                let mut log = Vec::new();
                for _ in 0..20 {
                    entry.format(true, &mut log);
                }
                status_log::parse(log.as_slice()).map_or(0, |entries| entries.len())
            })
        },
    },
    Case {
        name: "config-load",
        prepare: || {
            Box::new(|| {
                let config = Config::from_text(Path::new("/etc/postfix"), MAIN_CF, &[]);
                config.map_or(0, |config| config.definitions().len())
            })
        },
    },
    Case {
        name: "config-values",
        prepare: || {
            Box::new(|| {
                let Ok(config) = Config::from_text(Path::new("/etc/postfix"), MAIN_CF, &[]) else { return 0 };
                // What this machine is called and connected to is no part of the work.
                let steady = ParamRef::all().filter(|param| !param.row().computed);
                steady
                    .map(|param| {
                        config.try_text(param.row().name).ok().flatten().map_or(0, |text| text.len())
                    })
                    .sum()
            })
        },
    },
    Case {
        name: "config-services",
        prepare: || {
            Box::new(|| {
                let services = master::parse(Path::new("master.cf"), MASTER_CF).unwrap_or_default();
                services.iter().map(|service| service.overrides().map_or(0, |all| 1 + all.len())).sum()
            })
        },
    },
];

/// A message with ten recipients and two hundred lines.
fn queue_file() -> Vec<u8> {
    let mut file = Vec::new();
    let size = SizeRecord { message_size: 12_000, data_offset: 900, recipients: 10, ..SizeRecord::default() };
    record::put(&mut file, b'C', &size.format());
    record::put(&mut file, b'T', b"1700000000 123456");
    for (name, value) in
        [("rewrite_context", "local"), ("encoding", "8bit"), ("log_client_name", "client.example")]
    {
        record::put(&mut file, b'A', &fields::format_attribute(name, value.as_bytes()));
    }
    record::put(&mut file, b'S', b"jane@example.org");
    for number in 0..10 {
        record::put(&mut file, b'A', &fields::format_attribute("dsn_orig_rcpt", b"rfc822;joe@example.com"));
        record::put(&mut file, b'O', b"joe@example.com");
        record::put(&mut file, b'R', format!("joe{number}@example.com").as_bytes());
    }
    record::put(&mut file, b'M', b"");
    for _ in 0..200 {
        record::put(&mut file, b'N', b"a line of a message, as long as the lines of messages mostly are");
    }
    record::put(&mut file, b'X', b"");
    record::put(&mut file, b'E', b"");
    file
}

const MAIN_CF: &str = "\
# a server of middling size
compatibility_level = 3.11
myhostname = mx.example.com
mydomain = example.com
mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.0/24
inet_interfaces = loopback-only
myorigin = $mydomain
mydestination = $myhostname, localhost.$mydomain, localhost, $mydomain
alias_maps = hash:/etc/aliases
alias_database = $alias_maps
recipient_delimiter = +
mailbox_size_limit = 0
message_size_limit = 50M
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/ssl/certs/mx.pem
smtp_tls_security_level = ${{$compatibility_level} >=level {3.11} ? {dane} : {may}}
virtual_mailbox_domains = example.org,
    example.net,
# between two lines of one value
    example.info
virtual_mailbox_maps = lmdb:/etc/postfix/vmailbox
smtpd_recipient_restrictions =
    permit_mynetworks
    permit_sasl_authenticated
    reject_unauth_destination
    check_recipient_access lmdb:/etc/postfix/access
    ${stress?{permit}:{reject_unknown_client_hostname}}
queue_run_delay = 5m
maximal_queue_lifetime = 3d
";

const MASTER_CF: &str = "\
smtp      inet  n       -       y       -       -       smtpd
submission inet n       -       y       -       -       smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o { smtpd_relay_restrictions = permit_sasl_authenticated, reject }
pickup    unix  n       -       y       60      1       pickup
cleanup   unix  n       -       y       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       y       1000?   1       tlsmgr
rewrite   unix  -       -       y       -       -       trivial-rewrite
bounce    unix  -       -       y       -       0       bounce
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       y       -       -       smtp -o syslog_name=postfix/$service_name
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
maildrop  unix  -       n       n       -       -       pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}
";
