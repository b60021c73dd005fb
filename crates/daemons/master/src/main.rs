//! master(8): the resident process that opens the listeners and runs the daemons on demand.
//!
//! | module | does |
//! |---|---|
//! | [`options`] | the command line |
//! | [`startup`] | locks, going into the background, the wait for a good start (`-w`) |
//! | [`plan`] | what master.cf says of a service: endpoints, limits, the daemon's command line |
//! | [`endpoint`] | sockets and FIFOs with their owners and modes |
//! | [`crew`] | the children of a service: who is free, how many sessions they hold |
//! | [`service`] | a service that runs: listeners, status pipe, children, throttle, wake-up |
//! | [`supervisor`] | the loop: connections, reports, deaths, timers, signals |
//! | [`spawn`] | descriptors, environment and command line of a child |
//! | [`reload`] | SIGHUP: services that stay, change, come and go |
//! | [`wakeup`] | trigger bytes |
//!
//! One thread, no bytes read from the network.

mod crew;
mod endpoint;
mod options;
mod plan;
mod reload;
mod service;
mod spawn;
mod startup;
mod supervisor;
mod wakeup;

use std::process::ExitCode;

use supervisor::Supervisor;

fn main() -> ExitCode {
    let options = startup::first_steps();
    let config = startup::configure(&options);
    let owner = startup::owner(&config);
    startup::enter_queue_directory(&config);
    if options.test_lock {
        return startup::test_lock();
    }
    let verdict = startup::wait_for_background(&options);
    startup::leave_terminal(&options);
    let locks = startup::lock(&config, &owner);
    startup::debugger(&options, &config);
    let mut supervisor = Supervisor::new(&options, config, owner);
    supervisor.start();
    startup::announce(&options, supervisor.config(), verdict);
    supervisor.run(locks)
}
