//! The attribute protocol between programs: every request and reply, in both wire forms.

use ipc::attr::{self, Decoded, Message};
use ipc::plain;

use crate::Target;
use crate::input::Input;

pub const TARGET: Target = Target {
    name: "attributes",
    about: "requests and replies between programs: the same message however it arrives in pieces, and written again",
    check,
    seeds: || {
        let mut all = Vec::new();
        for (number, text) in [
            (2, "request\0rewrite\0rule\0local\0address\0a@b\0\0"),
            (3, "flags\x000\0address\0a@b\0\0"),
            (10, "flags\x000\0queue_id\x001AB\0original_recipient\0\0recipient\0a@b\0offset\x0012\0\0"),
            (13, "status\x000\0reason\0Ok\0\0"),
            (20, "request\0connect\0ident\0smtp:1.2.3.4\0\0"),
            (22, "status=0\ncount=1\nrate=2\n\n"),
        ] {
            let mut seed = vec![number];
            seed.extend_from_slice(text.as_bytes());
            all.push(seed);
        }
        all
    },
};

type Check = fn(&[u8]);

/// One check for each message type: the first byte of the input chooses.
const CHECKS: &[Check] = &[
    message::<ipc::flush::Request>,
    message::<ipc::postdrop::Opening>,
    message::<ipc::rewrite::Request>,
    message::<ipc::rewrite::Rewritten>,
    message::<ipc::rewrite::Resolved>,
    message::<ipc::showq::Item>,
    message::<ipc::verify::Request>,
    message::<ipc::verify::Answer>,
    message::<ipc::scache::Request>,
    message::<ipc::scache::Endpoint>,
    message::<ipc::bounce::Request>,
    message::<ipc::bounce::Status>,
    message::<ipc::cleanup::Flags>,
    message::<ipc::cleanup::Status>,
    message::<ipc::cleanup::Opening>,
    message::<ipc::tlsmgr::Request>,
    message::<ipc::tlsmgr::Data<0>>,
    message::<ipc::tlsmgr::Policy>,
    message::<ipc::delivery::Request>,
    message::<ipc::delivery::Reply>,
    message::<ipc::anvil::Request>,
    message::<ipc::anvil::Connected>,
    message::<ipc::anvil::Rate>,
    message::<ipc::anvil::All>,
    message::<ipc::proxymap::Request>,
    message::<ipc::proxymap::Opened>,
    message::<ipc::proxymap::Found>,
    message::<ipc::proxymap::Changed>,
    message::<ipc::proxymap::Pair>,
    message::<ipc::scache::Destination>,
];

/// The longest message that is tried at each length.
const PREFIXES_MAX: usize = 400;

fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let which = usize::from(input.byte()) % CHECKS.len();
    if let Some(check) = CHECKS.get(which) {
        check(input.rest);
    }
}

fn message<M: Message>(bytes: &[u8]) {
    form(bytes, attr::decode::<M>, attr::encode::<M>);
    form(bytes, plain::decode::<M>, plain::encode::<M>);
}

fn form<M>(
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> Result<Decoded<M>, attr::Fault>,
    encode: impl Fn(&M, &mut Vec<u8>),
) {
    let whole = decode(bytes);
    let needed = match &whole {
        Ok(Decoded::Complete(_, length)) => {
            assert!(*length <= bytes.len());
            *length
        }
        Ok(Decoded::NeedMore) => bytes.len() + 1,
        // Garbage may show before its end.
        Err(_) => 0,
    };
    for length in 0..needed.min(bytes.len()).min(PREFIXES_MAX) {
        let part = decode(bytes.get(..length).unwrap_or_default());
        assert!(matches!(part, Ok(Decoded::NeedMore)), "{length} of {needed} bytes are not the message");
    }
    let Ok(Decoded::Complete(message, length)) = whole else { return };
    if length < bytes.len() {
        let alone = decode(bytes.get(..length).unwrap_or_default());
        assert!(matches!(alone, Ok(Decoded::Complete(_, same)) if same == length));
    }
    let mut first = Vec::new();
    encode(&message, &mut first);
    let Ok(Decoded::Complete(again, taken)) = decode(&first) else { panic!("what was written can be read") };
    assert_eq!(taken, first.len());
    let mut second = Vec::new();
    encode(&again, &mut second);
    assert!(first == second, "a message is written as itself");
}
