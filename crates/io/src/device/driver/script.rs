//! The conversation that makes a device send samples: what is said, which answer is awaited, for how long.

use crate::device::protocol::{Options, Protocol, ads1299_rate_code, gain_code};
use crate::device::{bitalino, chords, cyton};

/// What must arrive before the next step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Await {
    /// So many seconds.
    Pause(f64),
    /// This text in the answer.
    Text(&'static str),
    /// The name of a Chords board.
    Board,
    /// So many seconds of silence: the device has stopped.
    Silence(f64),
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) send: Vec<u8>,
    pub(super) await_: Await,
    /// Said again after so many seconds without the answer.
    pub(super) again_s: Option<f64>,
    /// The next step comes after so many seconds in any case.
    pub(super) patience_s: f64,
}

fn step(send: impl Into<Vec<u8>>, await_: Await, patience_s: f64) -> Step {
    Step { send: send.into(), await_, again_s: None, patience_s }
}

/// What is said to a device of this protocol. Empty for devices that send by themselves.
pub(super) fn opening(protocol: Protocol, options: &Options) -> Vec<Step> {
    match protocol {
        Protocol::Cyton | Protocol::CytonDaisy => cyton_opening(protocol == Protocol::CytonDaisy, options),
        Protocol::Chords => vec![
            // A board that is running stops at any byte; one that was just reset is silent for up to two seconds.
            Step {
                send: b"STOP\nWHORU\n".to_vec(),
                await_: Await::Board,
                again_s: Some(1.2),
                patience_s: 5.0,
            },
            step("START\n", Await::Pause(0.0), 0.0),
        ],
        // It sends by itself; the answer comes between its frames.
        Protocol::Backyard => vec![step("b:;\n", Await::Pause(0.0), 0.0)],
        Protocol::Bitalino => {
            let rate = bitalino::rate_command(options.rate_hz.unwrap_or(1000.0)).unwrap_or(0xc3);
            let start = bitalino::start_command(options.channels.unwrap_or(6));
            vec![
                step([0x00], Await::Silence(0.15), 1.5),
                Step { send: vec![0x07], await_: Await::Text("\n"), again_s: Some(0.8), patience_s: 2.5 },
                step([rate], Await::Pause(0.1), 0.1),
                step([start], Await::Pause(0.0), 0.0),
            ]
        }
        Protocol::HackEeg => hackeeg_opening(options),
        _ => Vec::new(),
    }
}

fn cyton_opening(daisy: bool, options: &Options) -> Vec<Step> {
    let mut steps = Vec::new();
    for command in cyton::opening(daisy, options.aux) {
        match command.send {
            b"s" => steps.push(step("s", Await::Silence(0.15), 1.0)),
            b"v" => {
                let again_s = Some(1.5);
                steps.push(Step {
                    send: b"v".to_vec(),
                    await_: Await::Text("$$$"),
                    again_s,
                    patience_s: 4.0,
                });
            }
            b"b" => {
                steps.extend(cyton_gains(daisy, options));
                steps.push(step("b", Await::Pause(0.0), 0.0));
            }
            // `c` gives no answer where there is no Daisy.
            other if command.expect.is_none() => steps.push(step(other, Await::Silence(0.1), 0.3)),
            other => steps.push(step(other, Await::Text("$$$"), 1.0)),
        }
    }
    steps
}

/// `x CHANNEL POWER GAIN INPUT BIAS SRB2 SRB1 X`, all but the gain at the board's defaults.
fn cyton_gains(daisy: bool, options: &Options) -> Vec<Step> {
    let Some(code) = options.gain.and_then(gain_code) else { return Vec::new() };
    let channels = if daisy { &b"12345678QWERTYUI"[..] } else { b"12345678" };
    let say = |channel: &u8| format!("x{}0{code}0110X", char::from(*channel));
    channels.iter().map(|channel| step(say(channel), Await::Text("$$$"), 0.6)).collect()
}

/// The registers of an ADS1299 (its data sheet): CONFIG1 the rate, CONFIG3 the internal reference, CHnSET the gain with the
/// electrode as input.
fn hackeeg_opening(options: &Options) -> Vec<Step> {
    let rate = ads1299_rate_code(options.rate_hz.unwrap_or(1000.0)).unwrap_or(4);
    let gain = gain_code(options.gain.unwrap_or(24.0)).unwrap_or(6);
    let style = match options.style {
        crate::device::hackeeg::Style::JsonLines => "jsonlines",
        crate::device::hackeeg::Style::MessagePack => "messagepack",
    };
    let mut steps = vec![
        step("stop\n", Await::Silence(0.15), 1.0),
        step("sdatac\n", Await::Silence(0.1), 0.5),
        Step { send: b"version\n".to_vec(), await_: Await::Text("\n"), again_s: Some(1.0), patience_s: 3.0 },
    ];
    let mut register = |number: u8, value: u8| {
        steps.push(step(format!("wreg {number:x} {value:x}\n"), Await::Text("\n"), 0.4));
    };
    register(0x01, 0x90 | rate);
    register(0x03, 0xe0);
    for channel in 0..8 {
        register(0x05 + channel, gain << 4);
    }
    for command in [style, "start", "rdatac"] {
        steps.push(step(format!("{command}\n"), Await::Pause(0.05), 0.05));
    }
    steps
}

/// What ends the stream, so that the device can be opened again in peace. Empty for devices that cannot be told.
pub(super) fn closing(protocol: Protocol) -> &'static [u8] {
    match protocol {
        Protocol::Cyton | Protocol::CytonDaisy => b"s",
        Protocol::Chords => b"STOP\n",
        Protocol::Bitalino => &[0x00],
        Protocol::HackEeg => b"stop\nsdatac\n",
        _ => b"",
    }
}

/// A question that tells which device is on a silent port: what is sent, what an answer may hold, who then answers.
pub(super) struct Question {
    pub(super) send: &'static [u8],
    pub(super) answers: &'static [&'static str],
    pub(super) protocol: Protocol,
}

/// Asked one after the other, those first that mean nothing to the other devices: a BITalino takes Cyton's `v` for a start, a Cyton
/// takes letters of `WHORU` for channels and files. The line feeds end what a line-wise device holds of the questions before.
pub(super) const QUESTIONS: [Question; 4] = [
    Question { send: &[0x07], answers: &["BITalino"], protocol: Protocol::Bitalino },
    Question { send: b"v", answers: &["OpenBCI"], protocol: Protocol::Cyton },
    Question {
        send: b"\nversion\n",
        answers: &["STATUS_CODE", "200 Ok", "hackeeg"],
        protocol: Protocol::HackEeg,
    },
    Question { send: b"\nWHORU\n", answers: &[], protocol: Protocol::Chords },
];

/// A conversation under way.
#[derive(Clone, Debug)]
pub(super) struct Script {
    steps: Vec<Step>,
    at: usize,
    /// When the step was first said, last said, and when a byte last came.
    said_s: Option<f64>,
    again_s: f64,
    heard_s: f64,
    /// Where the answer to this step begins in what was heard.
    from: usize,
}

impl Script {
    pub(super) fn new(steps: Vec<Step>) -> Self {
        Self { steps, at: 0, said_s: None, again_s: 0.0, heard_s: f64::NEG_INFINITY, from: 0 }
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.steps.len()
    }

    /// A byte came.
    pub(super) fn heard(&mut self, now_s: f64) {
        self.heard_s = now_s;
    }

    /// Goes on: appends what is to be said now.
    pub(super) fn poll(&mut self, now_s: f64, answer: &str, send: &mut Vec<u8>) {
        while let Some(step) = self.steps.get(self.at) {
            let Some(said_s) = self.said_s else {
                send.extend_from_slice(&step.send);
                (self.said_s, self.again_s, self.from) = (Some(now_s), now_s, answer.len());
                continue;
            };
            let waited_s = now_s - said_s;
            let heard = answer.get(self.from..).unwrap_or_default();
            let done = match step.await_ {
                Await::Pause(pause_s) => waited_s >= pause_s,
                Await::Text(text) => heard.contains(text),
                Await::Board => heard.lines().any(|line| chords::Board::named(line).is_some()),
                Await::Silence(silence_s) => waited_s >= silence_s && now_s - self.heard_s >= silence_s,
            };
            if done || waited_s >= step.patience_s {
                self.at += 1;
                self.said_s = None;
                continue;
            }
            if step.again_s.is_some_and(|again_s| now_s - self.again_s >= again_s) {
                self.again_s = now_s;
                send.extend_from_slice(&step.send);
            }
            return;
        }
    }
}
