//! What was analysed, as the report lists it.

use super::side::Context;
use crate::events::Events;
use crate::report::{ChannelReport, EventReport, StreamReport, TrialReport};
use std::collections::BTreeMap;
use surae_trial::{Channel, Stream};

pub(super) fn trial_report(context: &Context<'_>, unavailable: &mut BTreeMap<String, String>) -> TrialReport {
    let mut missing = |key: &str, why: &str| unavailable.insert(format!("trial.{key}"), why.to_owned());
    missing("subject", "not stated in the source");
    missing("streams[*].measured_rate_hz", "no host clock in the source");
    for key in ["muscle", "side", "joint"] {
        missing(&format!("streams[*].channels[*].{key}"), "does not apply, or the label does not tell");
    }
    missing("streams[*].channels[*].electrode", "not stated in the source");
    missing("streams[*].channels[*].amplifier", "not stated in the source");
    missing(
        "streams[*].channels[*].quality",
        "not raw EMG of known muscle and side, or nothing to grade yet (too short, never active)",
    );
    let trial = context.trial;
    TrialReport {
        path: trial.path.clone(),
        sha256: trial.sha256.clone(),
        time_origin_s: trial.time_origin_s,
        duration_s: trial.duration_s(),
        task: context.settings.task,
        synthetic: trial.synthetic,
        subject: trial.subject.clone(),
        streams: trial
            .streams
            .iter()
            .enumerate()
            .map(|(s, stream)| stream_report(context, s, stream))
            .collect(),
    }
}

fn stream_report(context: &Context<'_>, at: usize, stream: &Stream) -> StreamReport {
    StreamReport {
        name: stream.name.clone(),
        rate_hz: stream.rate_hz,
        measured_rate_hz: stream.measured_rate_hz,
        start_s: stream.start_s.0,
        n_samples: stream.span(),
        gaps: stream.gaps.clone(),
        channels: stream
            .channels
            .iter()
            .enumerate()
            .map(|(c, channel)| channel_report(context, (at, c), channel))
            .collect(),
    }
}

fn channel_report(context: &Context<'_>, at: (usize, usize), channel: &Channel) -> ChannelReport {
    ChannelReport {
        label: channel.label.clone(),
        kind: channel.role.kind,
        reason: channel.role.reason.clone(),
        muscle: channel.role.muscle,
        side: channel.role.side,
        joint: channel.role.joint,
        unit: channel.unit.clone(),
        electrode: channel.electrode.clone(),
        amplifier: channel.amplifier.clone(),
        quality: context.graded.iter().find(|g| (g.stream, g.channel) == at).map(|g| g.report.clone()),
    }
}

pub(super) fn event_reports(events: &Events, unavailable: &mut BTreeMap<String, String>) -> Vec<EventReport> {
    unavailable.insert("events[*].side".to_owned(), "the source does not say which leg".to_owned());
    events
        .all
        .iter()
        .enumerate()
        .map(|(at, e)| EventReport {
            id: format!("event-{}", at + 1),
            time_s: e.event.time_s.0,
            kind: e.event.kind,
            side: e.event.side,
            source: e.event.source,
            chosen: e.chosen,
        })
        .collect()
}
