//! Records as OSC 1.0 messages: one bundle a decision, so that a receiver sees its values together.
//!
//! | address | arguments |
//! |---|---|
//! | `/surae/left/class`, `/surae/right/class` | string: class; string: reason or empty |
//! | `/surae/SIDE/dominance` | three floats: D and its 90 % interval; sent only when known |
//! | `/surae/SIDE/activation` | two floats: gastrocnemius, soleus; `NaN` when not known |
//! | `/surae/SIDE/knee_flexion_deg` | float; sent only when known |
//! | `/surae/SIDE/event` | string: `foot_contact`, `foot_off`, ...; double: time in s |
//! | `/surae/mark` | int: key; double: time in s |
//! | `/surae/gap` | int: samples lost; double: time in s |
//!
//! Bundles carry the time tag "immediately": session time is in the arguments and is not the receiver's clock.

use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, encoder};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use surae_gait::pipeline::{Estimate, Record};
use surae_trial::Side;

/// One receiver.
pub(super) struct OscTarget(UdpSocket);

impl OscTarget {
    pub(super) fn open(to: SocketAddr) -> io::Result<Self> {
        let from: SocketAddr =
            if to.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
        let socket = UdpSocket::bind(from)?;
        socket.connect(to)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    /// False when the system refused the packet; that nobody listens is not a failure.
    pub(super) fn send(&self, record: &Record) -> bool {
        let Some(packet) = packet(record) else { return true };
        let Ok(bytes) = encoder::encode(&packet) else { return false };
        match self.0.send(&bytes) {
            Ok(_) => true,
            Err(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        }
    }
}

fn message(addr: String, args: Vec<OscType>) -> OscPacket {
    OscPacket::Message(OscMessage { addr, args })
}

/// The packet of a record, if it has one.
fn packet(record: &Record) -> Option<OscPacket> {
    match record {
        Record::Estimate(estimate) => Some(bundle(estimate)),
        Record::Event { time_s, event } => {
            let side = event.side.map_or("unknown", Side::name);
            let args = vec![OscType::String(event.kind.name().to_owned()), OscType::Double(time_s.0)];
            Some(message(format!("/surae/{side}/event"), args))
        }
        Record::Mark { time_s, code, .. } => {
            let args = vec![OscType::Int(i32::from(*code)), OscType::Double(time_s.0)];
            Some(message("/surae/mark".to_owned(), args))
        }
        Record::Gap { time_s, gap } => {
            let lost = i32::try_from(gap.lost_samples).unwrap_or(i32::MAX);
            Some(message("/surae/gap".to_owned(), vec![OscType::Int(lost), OscType::Double(time_s.0)]))
        }
        Record::Drop { .. } | Record::State { .. } => None,
    }
}

fn bundle(estimate: &Estimate) -> OscPacket {
    let at = |what: &str| format!("/surae/{}/{what}", estimate.side.name());
    let float = |value: f64| OscType::Float(value as f32);
    let reason = estimate.reason.map_or("", |reason| reason.name());
    let mut content = vec![message(
        at("class"),
        vec![OscType::String(estimate.class.name().to_owned()), OscType::String(reason.to_owned())],
    )];
    if estimate.ratio.is_known() {
        let [low, high] = estimate.ratio.dominance_ci90();
        let args = vec![float(estimate.ratio.dominance()), float(low), float(high)];
        content.push(message(at("dominance"), args));
    }
    content.push(message(at("activation"), vec![float(estimate.gastrocnemius), float(estimate.soleus)]));
    if estimate.knee_flexion_deg.is_finite() {
        content.push(message(at("knee_flexion_deg"), vec![float(estimate.knee_flexion_deg)]));
    }
    // OSC 1.0: the time tag 1 means "immediately".
    OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: 0, fractional: 1 }, content })
}
