//! postqueue, postsuper, postcat, mailq.

use testkit::{Instance, Sink};

use crate::each;

#[test]
fn hold_list_show_release_delete() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        assert_eq!(mx.run("postqueue", &["-p"], b"").out, "Mail queue is empty\n");
        assert_eq!(mx.run("mailq", &[], b"").out, "Mail queue is empty\n");
        let dead = testkit::free_port();
        mx.run("postconf", &["-e", &format!("relayhost=[127.0.0.1]:{dead}")], b"");
        mx.run("postfix", &["reload"], b"");
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x@far.test"], "Subject: held\r\n\r\ncontent here\r\n").expect(250);
        testkit::wait_for("the message is deferred", || mx.queue("deferred").len() == 1);
        let id = mx.queue("deferred").remove(0);

        let listed = mx.run("postqueue", &["-p"], b"").out;
        assert!(
            listed.starts_with("-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n"),
            "{listed}"
        );
        assert!(listed.contains("a@mx.test\n") && listed.contains("x@far.test\n"), "{listed}");
        assert!(listed.contains("\n-- 0 Kbytes in 1 Request.\n"), "{listed}");
        let json = mx.run("postqueue", &["-j"], b"").out;
        assert!(json.contains(&format!("\"queue_name\": \"deferred\", \"queue_id\": \"{id}\"")), "{json}");
        assert!(
            json.contains("\"sender\": \"a@mx.test\"") && json.contains("\"address\": \"x@far.test\""),
            "{json}"
        );

        let held = mx.run("postsuper", &["-h", &id], b"");
        assert_eq!(
            (held.code, held.err.as_str()),
            (0, format!("postsuper: {id}: placed on hold\npostsuper: Placed on hold: 1 message\n").as_str())
        );
        assert_eq!(mx.queue("hold"), std::slice::from_ref(&id));
        let listed = mx.run("postqueue", &["-p"], b"").out;
        assert!(listed.contains(&format!("\n{id}!")), "{listed}");

        let shown = mx.run("postcat", &["-q", &id], b"").out;
        assert!(
            shown.contains(&format!("*** ENVELOPE RECORDS hold/{id} ***\n"))
                && shown.contains("\ncontent here\n"),
            "{shown}"
        );
        assert!(
            shown.contains("*** MESSAGE CONTENTS ") && shown.contains("*** MESSAGE FILE END "),
            "{shown}"
        );

        let freed = mx.run("postsuper", &["-H", &id], b"");
        assert_eq!(
            (freed.code, freed.err.as_str()),
            (
                0,
                format!("postsuper: {id}: released from hold\npostsuper: Released from hold: 1 message\n")
                    .as_str()
            )
        );
        let gone = mx.run("postsuper", &["-d", "ALL"], b"");
        assert_eq!(gone.code, 0, "{gone:?}");
        assert!(gone.err.contains("postsuper: Deleted: 1 message\n"), "{gone:?}");
        assert_eq!(mx.run("postqueue", &["-p"], b"").out, "Mail queue is empty\n");
    });
}

#[test]
fn requeued_mail_is_routed_anew() {
    each(|subject| {
        let sink = Sink::start();
        let dead = testkit::free_port();
        let mx = Instance::new(subject).main(&format!("relayhost = [127.0.0.1]:{dead}")).start();
        mx.connect().hello().message("a@mx.test", &["x@far.test"], "Subject: again\r\n\r\nx\r\n").expect(250);
        testkit::wait_for("the message is deferred", || mx.queue("deferred").len() == 1);
        let id = mx.queue("deferred").remove(0);
        let relay = format!("relayhost=[127.0.0.1]:{}", sink.port);
        assert_eq!(mx.run("postconf", &["-e", &relay], b"").code, 0);
        assert_eq!(mx.run("postfix", &["reload"], b"").code, 0);
        let again = mx.run("postsuper", &["-r", &id], b"");
        assert_eq!(
            (again.code, again.err),
            (0, format!("postsuper: {id}: requeued\npostsuper: Requeued: 1 message\n"))
        );
        assert_eq!(mx.run("postkick", &["public", "pickup", "W"], b"").code, 0);
        assert!(sink.wait(1)[0].text.contains("\nSubject: again\r\n"));
        mx.drained();
        mx.log().wait(&["postfix/pickup", &format!("orig_id={id}")]);
    });
}
