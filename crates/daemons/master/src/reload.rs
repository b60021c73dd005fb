//! SIGHUP: reads main.cf and master.cf again. Listeners of services that stay remain open, so that no
//! connection is refused; their children finish what they do and leave, new ones run with the new settings.
//! A mistake in the files leaves everything as it is.

use config::ConfigError;

use crate::plan::{Plan, is_disabled};
use crate::startup;
use crate::supervisor::{Id, Supervisor};

impl Supervisor {
    /// What master.cf wants to run.
    pub(crate) fn plans(&self) -> Result<Vec<Plan>, ConfigError> {
        config::master::load(self.config.directory())?
            .iter()
            .filter(|entry| !is_disabled(entry, &self.config))
            .map(|entry| Plan::new(entry, &self.config, self.options.verbose))
            .collect()
    }

    /// Takes on the files' present contents.
    pub(crate) fn reload(&mut self) {
        let directory = self.config.directory().to_owned();
        log::info!("reload -- version {}, configuration {}", config::MAIL_VERSION, directory.display());
        let config = match startup::load(&directory) {
            Ok(config) => config,
            Err(error) => {
                log::error!("{error} -- keeping the configuration in force");
                return;
            }
        };
        let previous = std::mem::replace(&mut self.config, config);
        let plans = match self.plans() {
            Ok(plans) => plans,
            Err(error) => {
                log::error!("{error} -- keeping the configuration in force");
                self.config = previous;
                return;
            }
        };
        startup::set_up_log(&self.config);
        if self.options.attached {
            log::to_stderr("postfix/master");
        }
        self.birth.reload(&self.config);
        let gone: Vec<Id> = self
            .services
            .iter()
            .filter(|(_, service)| !service.retired && !plans.iter().any(|plan| same(plan, &service.plan)))
            .map(|(&id, _)| id)
            .collect();
        // First, since a new service may want what an old one listens on.
        gone.into_iter().for_each(|id| self.retire_service(id));
        for plan in plans {
            let present =
                self.services.iter().find(|(_, service)| !service.retired && same(&plan, &service.plan));
            let name = plan.path_name.clone();
            let outcome = match present.map(|(&id, _)| id) {
                Some(id) => self.change_service(id, plan),
                None => self.start_service(plan),
            };
            if let Err(complaint) = outcome {
                log::error!("service {name}: {complaint}");
            }
        }
    }
}

/// A service is known by its endpoint's name and type.
fn same(one: &Plan, other: &Plan) -> bool {
    one.kind == other.kind && one.path_name == other.path_name
}
