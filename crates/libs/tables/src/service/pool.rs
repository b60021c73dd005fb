//! Connections to the database servers of one table: several hosts of equal rank, a failed one left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Say;
use crate::table::TableError;

/// Connections of type `C`, by host.
pub struct Pool<C> {
    hosts: Vec<Host<C>>,
    idle: Duration,
    retry: Duration,
}

struct Host<C> {
    name: String,
    state: Mutex<State<C>>,
}

struct State<C> {
    kept: Vec<(C, Instant)>,
    /// Not asked before then.
    down_until: Option<Instant>,
}

impl<C> Pool<C> {
    /// To these hosts; connections are kept for `idle`, a host that failed is asked again after `retry`.
    pub fn new(hosts: Vec<String>, idle: Duration, retry: Duration) -> Pool<C> {
        let hosts = hosts
            .into_iter()
            .map(|name| Host { name, state: Mutex::new(State { kept: Vec::new(), down_until: None }) });
        Pool { hosts: hosts.collect(), idle, retry }
    }

    /// Does `work` with a connection to any host that answers: UNIX sockets first, hosts of one kind at random. An error
    /// of `work` is the connection's; the next host is tried.
    pub fn run<T>(
        &self,
        say: &mut Say,
        connect: &dyn Fn(&str) -> Result<C, String>,
        work: &mut dyn FnMut(&mut C) -> Result<T, String>,
    ) -> Result<T, TableError> {
        let mut order: Vec<&Host<C>> = Vec::new();
        let mut left: Vec<&Host<C>> = self.hosts.iter().collect();
        while !left.is_empty() {
            order.push(left.swap_remove(sys::rand::below(left.len())));
        }
        order.sort_by_key(|host| !host.name.starts_with("unix:"));
        let mut last = "no hosts are reachable now".to_owned();
        for host in order {
            let lock = || host.state.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = {
                let mut state = lock();
                if state.down_until.is_some_and(|until| Instant::now() < until) {
                    continue;
                }
                let idle = self.idle;
                state.kept.retain(|(_, used)| used.elapsed() < idle);
                state.kept.pop()
            };
            // A kept connection may have been closed by the server: then a new one is tried once.
            let mut attempts = vec![];
            if let Some((connection, _)) = kept {
                attempts.push(Some(connection));
            }
            attempts.push(None);
            for attempt in attempts {
                let was_kept = attempt.is_some();
                let result = match attempt.map_or_else(|| connect(&host.name), Ok) {
                    Ok(mut connection) => work(&mut connection).map(|answer| (answer, connection)),
                    Err(why) => Err(why),
                };
                match result {
                    Ok((answer, connection)) => {
                        let mut state = lock();
                        state.down_until = None;
                        state.kept.push((connection, Instant::now()));
                        return Ok(answer);
                    }
                    Err(why) if was_kept => last = why,
                    Err(why) => {
                        say.warn(why.as_str());
                        last = why;
                        let mut state = lock();
                        state.kept.clear();
                        state.down_until = Some(Instant::now() + self.retry);
                    }
                }
            }
        }
        Err(TableError::new(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_host_is_left_alone_and_others_are_asked() {
        let hosts = ["a", "b"].map(str::to_owned).to_vec();
        let pool: Pool<String> = Pool::new(hosts, Duration::from_secs(60), Duration::from_secs(60));
        let mut say = Say::default();
        let asked = Mutex::new(Vec::new());
        let connect = |host: &str| {
            asked.lock().unwrap().push(host.to_owned());
            if host == "a" { Err("a is away".to_owned()) } else { Ok(host.to_owned()) }
        };
        for _ in 0..20 {
            assert_eq!(pool.run(&mut say, &connect, &mut |c| Ok(c.clone())).unwrap(), "b");
        }
        let asked = asked.into_inner().unwrap();
        assert!(asked.iter().filter(|host| *host == "a").count() <= 1);
        assert_eq!(asked.iter().filter(|host| *host == "b").count(), 1);
    }
}
