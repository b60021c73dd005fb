//! What servers say and do, and what the SMTP and LMTP clients make of it: the commands that they send, and the line of the log
//! for each recipient. The same table holds for ours and for the reference.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use testkit::Instance;

use crate::each;

/// A server's part. Replies are without their line ending; "close" hangs up instead.
#[derive(Clone, Copy)]
struct Script {
    name: &'static str,
    agent: &'static str,
    greeting: &'static str,
    hello: &'static str,
    helo: &'static str,
    mail: &'static str,
    /// One for each recipient; the last one for all that follow.
    rcpt: &'static [&'static str],
    data: &'static str,
    /// One for the message, or with LMTP one for each accepted recipient.
    end: &'static [&'static str],
    other: &'static str,
    text: &'static str,
    /// The end of the log line of each recipient; `HOST` stands for name and address.
    fates: &'static [&'static str],
    /// The commands of the first connection, where they matter; `…` stands for the rest of a line.
    commands: &'static [&'static str],
}

const FULL: &str =
    "250-srv.test\r\n250-PIPELINING\r\n250-SIZE 10240\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 DSN";
const MAIL: &str = "MAIL FROM:<f@mx.test> SIZE=… BODY=8BITMIME";

const GOOD: Script = Script {
    name: "good",
    agent: "smtp",
    greeting: "220 srv.test ESMTP",
    hello: FULL,
    helo: "250 srv.test",
    mail: "250 2.1.0 ok",
    rcpt: &["250 2.1.5 ok"],
    data: "354 go",
    end: &["250 2.0.0 taken"],
    other: "250 2.0.0 ok",
    text: "Subject: x\r\n\r\nx\r\n",
    fates: &["dsn=2.0.0, status=sent (250 2.0.0 taken)"],
    commands: &[],
};

const LMTP: Script = Script { name: "lmtp", agent: "lmtp", ..GOOD };

const SCRIPTS: &[Script] = &[
    Script {
        name: "minimal",
        hello: "250 srv.test",
        fates: &["dsn=2.0.0, status=sent (250 2.0.0 taken)", "dsn=2.0.0, status=sent (250 2.0.0 taken)"],
        commands: &[
            "EHLO mx.test",
            "MAIL FROM:<f@mx.test>",
            "RCPT TO:<r0@minimal.test>",
            "RCPT TO:<r1@minimal.test>",
            "DATA",
            "| x",
            ".",
            "QUIT",
        ],
        ..GOOD
    },
    Script {
        name: "oldstyle",
        greeting: "220 hello",
        hello: "500 5.5.1 what",
        end: &["250 fine"],
        fates: &["dsn=2.0.0, status=sent (250 fine)"],
        commands: &[
            "EHLO mx.test",
            "HELO mx.test",
            "MAIL FROM:<f@mx.test>",
            "RCPT TO:<r0@oldstyle.test>",
            "DATA",
            "| x",
            ".",
            "QUIT",
        ],
        ..GOOD
    },
    Script {
        name: "greet554",
        greeting: "554-5.7.1 go\r\n554 5.7.1 away",
        fates: &["dsn=4.7.1, status=deferred (host HOST refused to talk to me: 554-5.7.1 go 554 5.7.1 away)"],
        ..GOOD
    },
    Script {
        name: "nohello",
        hello: "500 5.5.1 what",
        helo: "550 5.7.1 no",
        fates: &["dsn=5.7.1, status=bounced (host HOST refused to talk to me: 550 5.7.1 no)"],
        ..GOOD
    },
    Script {
        name: "gone",
        greeting: "close",
        fates: &[
            "dsn=4.4.2, status=deferred (lost connection with HOST while receiving the initial server greeting)",
        ],
        ..GOOD
    },
    Script {
        name: "mail550",
        mail: "550 5.1.7 bad sender",
        fates: &[
            "dsn=5.1.7, status=bounced (host HOST said: 550 5.1.7 bad sender (in reply to MAIL FROM command))",
            "dsn=5.1.7, status=bounced (host HOST said: 550 5.1.7 bad sender (in reply to MAIL FROM command))",
        ],
        ..GOOD
    },
    Script {
        name: "mixed",
        rcpt: &["250 2.1.5 ok", "550 5.1.1 nobody", "450 later"],
        fates: &[
            "dsn=2.0.0, status=sent (250 2.0.0 taken)",
            "dsn=5.1.1, status=bounced (host HOST said: 550 5.1.1 nobody (in reply to RCPT TO command))",
            "dsn=4.0.0, status=deferred (host HOST said: 450 later (in reply to RCPT TO command))",
        ],
        ..GOOD
    },
    Script {
        name: "nobody354",
        rcpt: &["550 5.1.1 nobody"],
        fates: &[
            "dsn=5.1.1, status=bounced (host HOST said: 550 5.1.1 nobody (in reply to RCPT TO command))",
        ],
        // An empty message to no one: the server waits for it.
        commands: &["EHLO mx.test", MAIL, "RCPT TO:<r0@nobody354.test>…", "DATA", ".", "QUIT"],
        ..GOOD
    },
    Script {
        name: "rcptgone",
        rcpt: &["250 ok", "close"],
        fates: &[
            "dsn=4.4.2, status=deferred (lost connection with HOST while sending RCPT TO)",
            "dsn=4.4.2, status=deferred (lost connection with HOST while sending RCPT TO)",
        ],
        ..GOOD
    },
    Script {
        name: "data451",
        data: "451 4.3.0 later",
        fates: &["dsn=4.3.0, status=deferred (host HOST said: 451 4.3.0 later (in reply to DATA command))"],
        ..GOOD
    },
    Script {
        name: "data250",
        data: "250 ok",
        fates: &[
            "dsn=5.5.0, status=bounced (Protocol error: host HOST said: 250 ok (in reply to DATA command))",
        ],
        ..GOOD
    },
    Script {
        name: "end554",
        end: &["554 5.6.0 spam"],
        fates: &[
            "dsn=5.6.0, status=bounced (host HOST said: 554 5.6.0 spam (in reply to end of DATA command))",
        ],
        ..GOOD
    },
    Script {
        name: "endgone",
        end: &["close"],
        fates: &[
            "dsn=4.4.2, status=deferred (lost connection with HOST while sending end of data -- message may be sent more than once)",
        ],
        ..GOOD
    },
    Script {
        name: "small",
        hello: "250-srv.test\r\n250 SIZE 10",
        fates: &["exceeds size limit 10 of server HOST)"],
        ..GOOD
    },
    Script {
        name: "dots",
        text: "Subject: x\r\n\r\n..one\r\n...two\r\n..\t\r\n",
        commands: &[
            "EHLO mx.test",
            MAIL,
            "RCPT TO:<r0@dots.test>…",
            "DATA",
            "| ..one",
            "| ...two",
            "| ..\t",
            ".",
            "QUIT",
        ],
        ..GOOD
    },
    Script {
        name: "sevenbits",
        hello: "250 srv.test",
        text: "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf\u{e9} = 1\r\n",
        commands: &[
            "EHLO mx.test",
            "MAIL FROM:<f@mx.test>",
            "RCPT TO:<r0@sevenbits.test>",
            "DATA",
            "| caf=C3=A9 =3D 1",
            ".",
            "QUIT",
        ],
        ..GOOD
    },
    Script {
        name: "garbage",
        mail: "ok\r\n250 2.1.0 after all",
        fates: &["dsn=2.0.0, status=sent (250 2.0.0 taken)"],
        ..GOOD
    },
    Script {
        name: "lmtpmix",
        end: &["250 2.1.5 one", "452 4.2.2 over quota", "550 5.2.1 disabled"],
        fates: &[
            "dsn=2.1.5, status=sent (250 2.1.5 one)",
            "dsn=4.2.2, status=deferred (host HOST said: 452 4.2.2 over quota (in reply to end of DATA command))",
            "dsn=5.2.1, status=bounced (host HOST said: 550 5.2.1 disabled (in reply to end of DATA command))",
        ],
        ..LMTP
    },
    Script {
        name: "lmtprcpt",
        rcpt: &["250 ok", "550 5.1.1 nobody", "250 ok"],
        end: &["250 one", "250 two"],
        fates: &[
            "dsn=2.0.0, status=sent (250 one)",
            "dsn=5.1.1, status=bounced (host HOST said: 550 5.1.1 nobody (in reply to RCPT TO command))",
            "dsn=2.0.0, status=sent (250 two)",
        ],
        ..LMTP
    },
];

/// A running script.
struct Server {
    script: Script,
    port: u16,
    /// What the first client said; of the message only its body.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(script: Script) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().flatten().enumerate() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || {
                    let mut said = Vec::new();
                    let _ = converse(&script, stream, &mut said);
                    if n == 0 {
                        *kept.lock().unwrap() = said;
                    }
                });
            }
        });
        Server { script, port, heard }
    }

    /// What the client said, when the connection is over.
    fn heard(&self) -> Vec<String> {
        testkit::wait_for("the end of the connection", || !self.heard.lock().unwrap().is_empty());
        self.heard.lock().unwrap().clone()
    }
}

fn converse(script: &Script, stream: TcpStream, said: &mut Vec<String>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut reply = |text: &str| match text {
        "close" => stream.shutdown(Shutdown::Both),
        text => out.write_all(format!("{text}\r\n").as_bytes()),
    };
    let nth = |list: &[&'static str], n: usize| list.get(n).or(list.last()).copied().unwrap_or("250 ok");
    reply(script.greeting)?;
    let (mut recipients, mut accepted) = (0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line).trim_end_matches("\r\n").to_owned();
        let verb = text.get(..4).unwrap_or_default().to_ascii_uppercase();
        said.push(text);
        match verb.as_str() {
            "EHLO" | "LHLO" => reply(script.hello)?,
            "HELO" => reply(script.helo)?,
            "MAIL" => reply(script.mail)?,
            "RCPT" => {
                let answer = nth(script.rcpt, recipients);
                recipients += 1;
                accepted += usize::from(answer.starts_with('2'));
                reply(answer)?;
            }
            "DATA" => {
                reply(script.data)?;
                if !script.data.starts_with('3') {
                    continue;
                }
                body(&mut lines, said)?;
                let replies = if script.agent == "lmtp" { accepted } else { 1 };
                for n in 0..replies {
                    reply(nth(script.end, n))?;
                }
            }
            "QUIT" => return reply("221 bye"),
            _ => reply(script.other)?,
        }
    }
}

fn body(lines: &mut impl BufRead, said: &mut Vec<String>) -> std::io::Result<()> {
    let mut header = true;
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&line).trim_end_matches("\r\n").to_owned();
        match (text.as_str(), header) {
            (".", _) => {
                said.push(text);
                return Ok(());
            }
            ("", true) => header = false,
            (text, false) => said.push(format!("| {text}")),
            _ => {}
        }
    }
}

/// `…` in the pattern stands for anything.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    for part in parts {
        match rest.find(part) {
            Some(at) if !part.is_empty() => rest = &rest[at + part.len()..],
            Some(_) => rest = "",
            None => return false,
        }
    }
    rest.is_empty()
}

#[test]
fn every_answer_has_its_consequence() {
    each(|subject| {
        let servers: Vec<Server> = SCRIPTS.iter().map(|script| Server::start(*script)).collect();
        let routes: Vec<String> = servers
            .iter()
            .map(|s| format!("{}.test={}:[127.0.0.1]:{}", s.script.name, s.script.agent, s.port))
            .collect();
        let mx = Instance::new(subject)
            .main(&format!("transport_maps = inline:{{{}}}", routes.join(", ")))
            .main("minimal_backoff_time = 1000s\nqueue_run_delay = 1000s\nmaximal_backoff_time = 4000s")
            .start();
        let mut client = mx.connect().hello();
        for server in &servers {
            let to: Vec<String> =
                (0..server.script.fates.len()).map(|n| format!("r{n}@{}.test", server.script.name)).collect();
            let to: Vec<&str> = to.iter().map(String::as_str).collect();
            client.say("RSET").expect(250);
            client.say("MAIL FROM:<f@mx.test> BODY=8BITMIME").expect(250);
            for address in &to {
                client.say(&format!("RCPT TO:<{address}>")).expect(250);
            }
            client.say("DATA").expect(354);
            client.send(server.script.text.as_bytes());
            client.say(".").expect(250);
        }
        for server in &servers {
            let script = &server.script;
            let log = format!("postfix/{}", script.agent);
            for (n, fate) in script.fates.iter().enumerate() {
                let line = mx.log().wait(&[&log, &format!("to=<r{n}@{}.test>", script.name)]);
                let fate = fate.replace("HOST", "127.0.0.1[127.0.0.1]");
                assert!(line.ends_with(&fate), "{}: expected {fate}\n{line}", script.name);
            }
            if !script.commands.is_empty() {
                let heard = server.heard();
                let same = heard.len() == script.commands.len()
                    && heard.iter().zip(script.commands).all(|(text, pattern)| like(pattern, text));
                assert!(same, "{}: expected {:#?}\nheard {heard:#?}", script.name, script.commands);
            }
        }
    });
}

#[test]
fn patterns_match_as_they_should() {
    assert!(like("MAIL SIZE=… BODY=8BITMIME", "MAIL SIZE=12 BODY=8BITMIME"));
    assert!(like("RCPT…", "RCPT") && like("RCPT…", "RCPT x") && like("QUIT", "QUIT"));
    assert!(!like("QUIT", "QUIT x") && !like("MAIL …x", "MAIL y"));
}
