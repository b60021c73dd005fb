//! `cargo xtask demo`: builds, starts a private instance on loopback without root, sends real mail through it and
//! shows what became of it.

use std::path::Path;
use std::process::Command as Process;

use clap::{Arg, ArgAction, ArgMatches, Command};
use testkit::{Instance, Sink, Subject, TlsClient, certificate};

pub fn command() -> Command {
    Command::new("demo")
        .about("Build, start a private instance, send mail through it and show the result")
        .arg(Arg::new("keep").long("keep").action(ArgAction::SetTrue).help("Leave the instance running"))
        .arg(Arg::new("release").long("release").action(ArgAction::SetTrue).help("Build optimised programs"))
}

pub fn run(args: &ArgMatches) -> Result<(), String> {
    build(args.get_flag("release"))?;
    let sink = Sink::start();
    let mx = instance(&sink)?;
    let user = mx.who.user.clone();
    println!("== A private mail system, run by {user}, below {} on 127.0.0.1:{}", mx.root.display(), mx.port);

    step("one message by sendmail -t");
    let sent = mx.sendmail(
        &["-t", "-f", &user],
        &format!("From: {user}\nTo: {user}\nSubject: by sendmail\n\nHello from the command line.\n"),
    );
    check(sent.code == 0, || format!("sendmail: {sent:?}"))?;

    step("one by SMTP behind STARTTLS");
    let mut client = TlsClient::connect(mx.port, true, &[]);
    let text = "From: me@client.test\nSubject: by SMTP with STARTTLS\n\nHello from the network.\n";
    let reply = client.message("me@client.test", &format!("{user}@mx.test"), text);
    print!("   {}", reply.text);
    check(reply.code == 250, || reply.text.clone())?;
    let _ = client.say("QUIT");

    step("one to another host (a sink that this demo runs)");
    let sent = mx.sendmail(&["-f", &user, "someone@far.test"], "Subject: going out\n\nHello, world.\n");
    check(sent.code == 0, || format!("sendmail: {sent:?}"))?;

    step("one that bounces");
    let sent = mx.sendmail(&["-f", &user, "reject@far.test"], "Subject: to nobody\n\nHello?\n");
    check(sent.code == 0, || format!("sendmail: {sent:?}"))?;

    mx.drained();
    for message in sink.wait(1) {
        println!("\n== Arrived at the other host, from <{}> to {:?}", message.from, message.to);
        headers(&message.text);
    }
    let mail = mx.maildir(&user);
    for message in &mail {
        println!("\n== Delivered to {user}");
        headers(message);
    }
    println!("\n== The log");
    print!("{}", mx.log().text());
    println!("\n== The queue");
    print!("{}", mx.run("postqueue", &["-p"], b"").out);
    check(mail.len() == 3, || format!("{} messages were delivered, not 3", mail.len()))?;
    let trouble = mx.log().trouble();
    check(trouble.is_empty(), || format!("the log has {trouble:#?}"))?;
    if args.get_flag("keep") {
        let (port, commands, etc) = (mx.port, mx.subject.commands(), mx.etc());
        mx.keep();
        println!("\nIt goes on. Talk to it on 127.0.0.1:{port}; stop it with:");
        println!("  {}/postfix -c {} stop", commands.display(), etc.display());
    } else {
        let stopped = mx.stop();
        check(stopped.code == 0, || format!("postfix stop: {stopped:?}"))?;
        println!("\n== Stopped. 4 messages in, 1 out, 3 delivered (one of them a bounce), none left.");
    }
    Ok(())
}

fn instance(sink: &Sink) -> Result<Instance, String> {
    let setup = Instance::new(Subject::Rootless).main(&format!("relayhost = [127.0.0.1]:{}", sink.port));
    let mx = setup.create();
    let made = certificate(&mx.etc()).ok_or("no certificate: is the openssl command installed?")?;
    let path = mx.etc().join("main.cf");
    let tls = format!(
        "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\n\
         smtpd_tls_loglevel = 1\nsmtpd_tls_received_header = yes\n",
        made.cert.display(),
        made.key.display()
    );
    let text = std::fs::read_to_string(&path).map_err(|err| format!("{}: {err}", path.display()))?;
    std::fs::write(&path, text + &tls).map_err(|err| format!("{}: {err}", path.display()))?;
    mx.start();
    Ok(mx)
}

/// Builds all programs into the folder that this tool runs from.
pub fn build(release: bool) -> Result<(), String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Process::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(&top).args(["build", "--workspace", "--bins"]);
    if release {
        cargo.arg("--release");
    }
    let status = cargo.status().map_err(|err| format!("cargo: {err}"))?;
    check(status.success(), || "the build failed".into())?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(top.join("target"), Into::into);
    let programs = target.join(if release { "release" } else { "debug" });
    testkit::use_programs(&programs);
    Ok(())
}

fn step(what: &str) {
    println!("-- {what}");
}

fn headers(message: &str) {
    for line in message.lines().take_while(|line| !line.trim_end().is_empty()) {
        println!("   {}", line.trim_end());
    }
}

pub fn check(good: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if good { Ok(()) } else { Err(why()) }
}
