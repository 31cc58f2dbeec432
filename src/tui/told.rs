//! What is said of the moment of one frame: worked out once, since it is of all the steps, and drawn in several places.
//! The drawing of the screen makes it, and who calls people to it looks at the same.

use super::alarm::{self, Alarm};
use super::answers::{self, Answers};
use super::model::Model;

/// The answers and the alarms of one moment.
pub struct Told {
    /// NOW, NEXT and BACK; none before the state came.
    pub answers: Option<Answers>,
    /// All alarms, the worst first.
    pub alarms: Vec<Alarm>,
}

impl Told {
    /// As the model stands.
    pub fn of(model: &Model) -> Self {
        let told = answers::told(model);
        let alarms = alarm::of_told(model, told.as_ref());
        Self { answers: told.map(|told| Answers::from_told(model, told)), alarms }
    }
}
