//! Addresses asked of trivial-rewrite(8).

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use testkit::Instance;

use crate::each;

struct Rewriter(UnixStream);

impl Rewriter {
    fn connect(mx: &Instance) -> Rewriter {
        let stream =
            UnixStream::connect(mx.spool().join("private/rewrite")).expect("connect to trivial-rewrite");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set timeout");
        let mut rewriter = Rewriter(stream);
        // compat: 3.7 begins with the same line
        assert_eq!(rewriter.answer(), ["trivial_rewrite_protocol"]);
        rewriter
    }

    fn ask(&mut self, attributes: &[&str]) -> Vec<String> {
        let mut wire = Vec::new();
        for attribute in attributes {
            wire.extend_from_slice(attribute.as_bytes());
            wire.push(0);
        }
        wire.push(0);
        self.0.write_all(&wire).expect("ask trivial-rewrite");
        self.answer()
    }

    /// The values of an answer.
    fn answer(&mut self) -> Vec<String> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\0\0") || bytes.len() < 4 {
            assert_eq!(self.0.read(&mut byte).expect("an answer"), 1, "the connection was closed");
            bytes.push(byte[0]);
        }
        let text = String::from_utf8_lossy(&bytes[..bytes.len() - 2]).into_owned();
        text.split('\0').skip(1).step_by(2).map(str::to_owned).collect()
    }

    fn rewrite(&mut self, context: &str, address: &str) -> String {
        self.ask(&["request", "rewrite", "rule", context, "address", address]).remove(1)
    }

    /// Transport, next hop, recipient and flags.
    fn resolve(&mut self, sender: &str, address: &str) -> (String, String, String, String) {
        let mut answer = self.ask(&["request", "resolve", "sender", sender, "address", address]);
        let (flags, recipient, nexthop) = (answer.remove(4), answer.remove(3), answer.remove(2));
        (answer.remove(1), nexthop, recipient, flags)
    }
}

#[test]
fn canonical_forms() {
    each(|subject| {
        let mx = Instance::new(subject).main("append_dot_mydomain = yes").start();
        let mut rewriter = Rewriter::connect(&mx);
        for (address, expected) in [
            ("joe", "joe@mx.test"),
            ("joe@host", "joe@host.test"),
            ("joe@host.", "joe@host"),
            ("joe@host.other.", "joe@host.other"),
            ("joe@host..", "joe@host.."),
            ("joe@.", "joe@."),
            ("joe@", "joe@"),
            ("joe%host", "joe@host.test"),
            ("joe%a@b", "joe%a@b.test"),
            ("site!joe", "joe@site.test"),
            ("a!b!joe", "b!joe@a.test"),
            ("@r1,@r2:joe@h.x", "joe@h.x"),
            ("joe@[192.0.2.1]", "joe@[192.0.2.1]"),
            ("\"a b\"", "\"a b\"@mx.test"),
            ("\"a@b\"", "\"a@b\"@mx.test"),
            ("\"\"", "\"\""),
            ("@", "\"\""),
            ("a b@c", "\"a b\"@c.test"),
            ("a (comment) b@c.d", "\"a (comment) b\"@c.d"),
            ("a@b@c", "\"a@b\"@c.test"),
            ("a@b,c@d", "\"a@b, c\"@d.test"),
            ("!x", "x@"),
            ("%x", "\"\"@x.test"),
        ] {
            assert_eq!(rewriter.rewrite("local", address), expected, "{address}");
        }
        assert_eq!(rewriter.rewrite("remote", "joe"), "joe");
        assert_eq!(rewriter.rewrite("remote", "joe@host"), "joe@host");
    });
}

const LOCAL: &str = "256";
const ALIAS: &str = "512";
const MAILBOX: &str = "1024";
const RELAY: &str = "2048";
const ELSEWHERE: &str = "4096";
/// Elsewhere, and there is routing in the local part.
const ROUTED: &str = "4098";
/// Elsewhere, with a fault in the address.
const FAULTY: &str = "4100";

#[test]
fn routes_by_class_and_table() {
    each(|subject| {
        let mx = Instance::new(subject)
            .main(
                "append_dot_mydomain = yes\nrecipient_delimiter = +\nrelay_domains = relay.test\nparent_domain_matches_subdomains = relay_domains\n\
                 virtual_alias_domains = alias.test\nvirtual_mailbox_domains = box.test\n\
                 transport_maps = inline:{ {later.test=retry:4.2.0 later}, {.sub.test=smtp:[127.0.0.1]:1}, {err.test=error:}, \
                   {u+x@t.test=discard:}, {v@t.test=discard:x}, {keep.test=:}, {hop.test=:[gw.test]}, {mx.test=local} }\n\
                 relocated_maps = inline:{ moved@far.test=new@place.test }\n\
                 sender_dependent_relayhost_maps = inline:{ boss@mx.test=[boss.test] }\n",
            )
            .start();
        let mut rewriter = Rewriter::connect(&mx);
        for (address, transport, nexthop, recipient, flags) in [
            ("joe@localhost", "local", "mx.test", "joe@localhost", LOCAL),
            ("joe", "local", "mx.test", "joe@mx.test", LOCAL),
            ("joe@[127.0.0.1]", "local", "mx.test", "joe@[127.0.0.1]", LOCAL),
            ("", "local", "mx.test", "MAILER-DAEMON@mx.test", LOCAL),
            ("a b@mx.test", "local", "mx.test", "a b@mx.test", LOCAL),
            ("joe@alias.test", "error", "5.1.1 User unknown in virtual alias table", "joe@alias.test", ALIAS),
            ("joe@box.test", "virtual", "box.test", "joe@box.test", MAILBOX),
            ("joe@a.relay.test", "relay", "a.relay.test", "joe@a.relay.test", RELAY),
            ("joe@far.test", "smtp", "far.test", "joe@far.test", ELSEWHERE),
            ("joe@[10.0.0.1]", "smtp", "[10.0.0.1]", "joe@[10.0.0.1]", ELSEWHERE),
            (
                "moved+x@far.test",
                "error",
                "5.1.6 User has moved to new@place.test",
                "moved+x@far.test",
                ELSEWHERE,
            ),
            ("x@later.test", "retry", "4.2.0 later", "x@later.test", ELSEWHERE),
            ("x@a.b.sub.test", "smtp", "[127.0.0.1]:1", "x@a.b.sub.test", ELSEWHERE),
            ("x@sub.test", "smtp", "sub.test", "x@sub.test", ELSEWHERE),
            ("x@err.test", "error", "Address is undeliverable", "x@err.test", ELSEWHERE),
            ("u+x@t.test", "discard", "t.test", "u+x@t.test", ELSEWHERE),
            ("v+x@t.test", "discard", "x", "v+x@t.test", ELSEWHERE),
            ("x@keep.test", "smtp", "keep.test", "x@keep.test", ELSEWHERE),
            ("x@hop.test", "smtp", "[gw.test]", "x@hop.test", ELSEWHERE),
            ("joe%far.test@mx.test", "smtp", "far.test", "joe@far.test", ELSEWHERE),
            ("far.test!joe@mx.test", "smtp", "far.test", "joe@far.test", ELSEWHERE),
            ("joe@far.test@mx.test", "smtp", "far.test", "joe@far.test", ELSEWHERE),
            ("a@b@far.test", "smtp", "far.test", "a@b@far.test", ROUTED),
            ("x%y@far.test", "smtp", "far.test", "x%y@far.test", ROUTED),
        ] {
            let expected = (transport.into(), nexthop.into(), recipient.into(), flags.into());
            assert_eq!(rewriter.resolve("", address), expected, "{address}");
        }
        for address in [
            "joe@10.0.0.1",
            "joe@far..test",
            "joe@-bad-.test",
            "joe@bad domain.test",
            "joe@far.test/x",
            "joe@",
        ] {
            assert_eq!(rewriter.resolve("", address).3, FAULTY, "{address}");
        }
        assert_eq!(rewriter.resolve("", "-joe@far.test").3, FAULTY);
        assert_eq!(rewriter.resolve("boss@mx.test", "joe@far.test").1, "[boss.test]");
        assert_eq!(rewriter.resolve("boss@mx.test", "joe").1, "mx.test");
    });
}
