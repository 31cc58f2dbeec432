//! The alarm of an error budget that is used up. It does not come back, so the alarm doesn't stand for ever.

use super::{Alarm, AlarmKind};
use crate::core::launch::answers::Moment;
use crate::core::launch::criteria;
use crate::core::notice::Subject;
use crate::core::reading::Level;
use crate::core::time::Span;

/// It stands so long, unless somebody is on it. The checks, the status and the report keep saying it.
const STANDS: Span = Span::mins(60);

/// One for each, where it is new.
pub(super) fn alarms(m: &Moment<'_>) -> Vec<Alarm> {
    let each = m.state.outline.criteria.iter().zip(criteria(m.state, m.readout, m.now)).filter_map(|(of, view)| {
        let since = view.used_up.filter(|since| m.now.since(*since) < STANDS && !view.over_now)?;
        let subject = Subject::Criterion(of.id.clone());
        let acked = m.state.notices.standing().any(|notice| notice.subject == subject && notice.acked.is_some());
        let mut alarm = Alarm::new(Level::Warn, AlarmKind::Budget, &view.title, view.figures("").unwrap_or_default());
        alarm.since = Some(format!("since {}", (m.wall)(since)));
        alarm.then = "it did not hold long enough for its target".into();
        (!acked).then_some(alarm)
    });
    each.collect()
}
