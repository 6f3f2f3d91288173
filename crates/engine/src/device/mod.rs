//! Live sources: ports, their reader threads, and the log thread that makes the session log of what they say.

#[cfg(test)]
mod full_ring;
mod live;
mod port;
mod probe;
mod reader;
pub(crate) mod recording;
mod sync;

use crate::Error;
use crate::priority::Rank;
use crate::session::{DeviceSpec, Ends, Session, SessionOptions};
use crate::status::SessionEvent;
use crossbeam_channel::{Receiver, bounded};
use live::Live;
use port::{Line, TO_SAY};
use reader::{Reader, Received};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;
use surae_io::device::Protocol;
use surae_io::port::{Ports, SystemPorts};
use surae_trial::{Joint, Kind, Note, Profile, Seconds, SessionLayout};

/// Reads that may wait for the log thread: more than a second of 1 ms reads.
const RECEIVED: usize = 2048;

/// Ports that are open, and what they send.
struct Opened {
    /// As the user stated them; behind them what came with their ports.
    specs: Vec<DeviceSpec>,
    lines: Vec<Line>,
    received: Receiver<Message>,
    helpers: Vec<JoinHandle<()>>,
    probed: probe::Probed,
}

/// Other bit rates that a device of this kind is sold with, where the user states none: firmware and programs of Chords disagree.
fn other_bauds(spec: &DeviceSpec) -> &'static [u32] {
    match spec.device {
        _ if spec.baud != spec.device.baud() => &[],
        Protocol::Chords => &[115_200],
        Protocol::Auto => &[230_400],
        _ => &[],
    }
}

/// Opens the ports and learns what they send; a port where nothing is understood is tried at its other bit rates.
fn open(specs: &mut [DeviceSpec], ports: &Arc<dyn Ports>, zero: Instant) -> Result<Opened, Error> {
    let others: Vec<&[u32]> = specs.iter().map(other_bauds).collect();
    let mut tried = vec![0; specs.len()];
    loop {
        let error = match open_once(specs, ports, zero) {
            Err(Error::Silent { port, reason }) => (port, reason),
            done => return done,
        };
        let (port, reason) = error;
        let Some(at) = specs.iter().position(|spec| spec.port == port) else {
            return Err(Error::Silent { port, reason });
        };
        let Some(baud) = others[at].get(tried[at]) else {
            let more: Vec<String> = others[at].iter().map(u32::to_string).collect();
            let also =
                if more.is_empty() { String::new() } else { format!("; also tried at {}", more.join(", ")) };
            return Err(Error::Silent { port, reason: format!("{reason}{also}") });
        };
        tried[at] += 1;
        specs[at].baud = *baud;
    }
}

fn open_once(specs: &[DeviceSpec], ports: &Arc<dyn Ports>, zero: Instant) -> Result<Opened, Error> {
    let (received_tx, received) = bounded(RECEIVED);
    let (mut helpers, mut lines, mut companions) = (Vec::new(), Vec::new(), Vec::new());
    let mut specs = specs.to_vec();
    let mut run = |port: usize, reader: Reader| -> std::io::Result<()> {
        helpers.push(thread::Builder::new().name(format!("port {port}")).spawn(move || {
            Rank::First.take();
            reader.run();
        })?);
        Ok(())
    };
    for (port, spec) in specs.iter().enumerate() {
        spec.options.check(spec.device).map_err(|reason| Error::Port { port: spec.port.clone(), reason })?;
        let (say, to_say) = bounded(TO_SAY);
        let (reader, companion) =
            Reader::open(port, spec, Arc::clone(ports), zero, received_tx.clone(), to_say)?;
        lines.push(Line::new(spec, say, zero.elapsed().as_secs_f64()));
        companions.extend(companion);
        run(port, reader)?;
    }
    for companion in companions {
        let port = lines.len();
        let spec = DeviceSpec {
            device: companion.device,
            port: companion.source.name().to_owned(),
            ..DeviceSpec::default()
        };
        let (say, to_say) = bounded(TO_SAY);
        lines.push(Line::new(&spec, say, zero.elapsed().as_secs_f64()));
        run(port, Reader::beside(port, &spec, companion, zero, received_tx.clone(), to_say))?;
        specs.push(spec);
    }
    drop(received_tx);
    match probe::learn(&mut specs, &mut lines, &received, zero) {
        Ok(probed) => Ok(Opened { specs, lines, received, helpers, probed }),
        Err(error) => {
            // The readers end with their listener; their ports must be closed before they are opened again.
            drop(received);
            for helper in helpers {
                let _ = helper.join();
            }
            Err(error)
        }
    }
}

/// Opens the ports, learns what they send, starts the session. The bytes read while learning are part of it.
pub(crate) fn start(mut specs: Vec<DeviceSpec>, mut options: SessionOptions) -> Result<Session, Error> {
    if specs.is_empty() {
        return Err(Error::Empty("no port was named: give --port".to_owned()));
    }
    let zero = Instant::now();
    let ports = options.ports.take().unwrap_or_else(|| Arc::new(SystemPorts));
    let Opened { specs, lines, received, helpers, probed } = open(&mut specs, &ports, zero)?;
    let mut layout = SessionLayout::new(probed.streams);
    let mut notes: Vec<Note> = probed.notes.into_iter().map(|text| Note::info("device_says", text)).collect();
    if let Some(map) = options.map.take() {
        notes.extend(map(&mut layout));
        // The map may have said which channels are EMG.
        layout = SessionLayout::new(layout.streams);
    }
    notes.extend(prepare(&mut layout, options.profile.as_ref()));
    let record = options.record.take();
    let recorder = match &record {
        Some(path) => Some(recording::start(path, &layout, &specs, &options, zero)?),
        None => None,
    };
    let (mut session, Ends { layout, ring, hub }) =
        Session::assemble(layout, &mut options, Seconds(0.0), None)?;
    session.set_zero(zero);
    for note in notes {
        hub.tell(SessionEvent::Note(note));
    }
    let live =
        Live::new(&specs, lines, &probed.moduli, &layout, received, probed.chunks, ring, recorder, hub, zero);
    let source = thread::Builder::new().name("log".to_owned()).spawn(move || {
        Rank::First.take();
        live.run()
    })?;
    session.set_source(source, helpers);
    Ok(session)
}

/// Takes the profile's standing angle out of the knee channels, and says what cannot work.
fn prepare(layout: &mut SessionLayout, profile: Option<&Profile>) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut channels = layout.streams.iter().flat_map(|stream| &stream.channels);
    if !channels.any(|channel| channel.role.kind.is_emg() && channel.role.muscle.is_some()) {
        let labels: Vec<&str> = layout
            .streams
            .iter()
            .flat_map(|stream| &stream.channels)
            .filter(|channel| channel.role.kind.is_emg())
            .map(|channel| channel.label.as_str())
            .collect();
        notes.push(Note::warning(
            "no_muscle",
            format!(
                "No channel says which muscle it carries, so nothing is decided: state muscle and side of {} with --map.",
                labels.join(", ")
            ),
        ));
    }
    if let Some(profile) = profile {
        notes.extend(surae_gait::knee::calibrate_goniometers(layout, profile));
    }
    for stream in &mut layout.streams {
        for channel in &mut stream.channels {
            if channel.role.kind.is_emg() && channel.role.side.is_none() && channel.role.muscle.is_some() {
                notes.push(Note::warning(
                    "no_side",
                    format!(
                        "Channel '{}' does not say which leg: it is shown but takes part in no decision; name it \
                         like 'RMG', or state the side with --map.",
                        channel.label
                    ),
                ));
            }
            let Some(side) = channel.role.side else { continue };
            let is_knee = channel.role.kind == Kind::Angle && channel.role.joint == Some(Joint::Knee);
            if let Some(deg) = profile.filter(|_| is_knee).and_then(|p| p.knee_offset_deg(side)) {
                channel.scale.offset += deg / channel.scale.gain;
                channel.role.reason.push_str(&format!("; zero: profile, {deg:.4} deg subtracted"));
            }
        }
    }
    notes
}

/// What a reader sends, and which port it is.
pub(crate) type Message = (usize, Received);
