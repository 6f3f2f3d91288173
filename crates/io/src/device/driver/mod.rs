//! A device in conversation: what is said to it, which decoder its bytes need, what its frames hold.
//!
//! Driven step by step: whoever has the port hands in bytes with the time of their reading, asks what is to be sent, and takes
//! items out. The same object serves the first opening and every later one; what was learnt of the channels stays. Not for ports,
//! threads or time stamps.

mod learning;
mod script;

use super::chords;
use super::facts::Facts;
use super::protocol::{Options, Protocol};
use super::{Counts, Item, Message};
use learning::{Codec, Form, Learning, forms, identify};
use script::{Script, opening};

/// Most text that is kept of what a device says.
const MAX_SAID: usize = 1 << 16;

/// Seconds of listening before a silent port is asked who is there: a boot loader takes up to two.
const LISTEN_S: f64 = 2.5;
/// Seconds that the answer to one question may take.
const ANSWER_S: f64 = 1.5;
/// Seconds that a device which was understood before is listened to before it is told to send.
const LISTEN_AGAIN_S: f64 = 0.6;

#[derive(Debug)]
enum Stage {
    /// Several decoders are on trial, or one waits for its first frames.
    Learning(Learning),
    /// The decoder is known.
    Ready(Codec, Facts),
}

/// A device in conversation.
#[derive(Debug)]
pub struct Driver {
    /// What the user named.
    asked: Protocol,
    /// What it is; the same unless the user named [`Protocol::Auto`].
    protocol: Protocol,
    options: Options,
    script: Script,
    stage: Stage,
    /// What the device said in words.
    said: String,
    /// Where the present conversation begins in it.
    fresh: usize,
    /// When the port was opened, and the question that was asked last of a port that nobody knows.
    opened_s: f64,
    question: Option<(usize, f64)>,
    /// A device that was understood before may still be sending after its port was opened again: it is listened to until then.
    listen_until_s: Option<f64>,
    /// Bytes that arrived in all, and those that were replies or garbage before the stream began.
    bytes: u64,
    preamble: u64,
}

impl Driver {
    /// A driver for a port that was just opened at `now_s`.
    #[must_use]
    pub fn new(protocol: Protocol, options: Options, now_s: f64) -> Self {
        let script = Script::new(opening(protocol, &options));
        let stage = Stage::Learning(Learning::new(&forms(protocol, &options, ""), &options));
        Self {
            asked: protocol,
            protocol,
            options,
            script,
            stage,
            said: String::new(),
            fresh: 0,
            opened_s: now_s,
            question: None,
            listen_until_s: None,
            bytes: 0,
            preamble: 0,
        }
    }

    /// What the device is; [`Protocol::Auto`] until that is known.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What the frames hold, once the first of them were read.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match &self.stage {
            Stage::Ready(_, facts) => Some(facts),
            Stage::Learning(_) => None,
        }
    }

    /// What the decoder counted; bytes of replies and of start-up noise are among the skipped ones.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = match &self.stage {
            Stage::Ready(codec, _) => codec.counts(),
            Stage::Learning(_) => Counts::default(),
        };
        counts.bytes = self.bytes;
        counts.skipped_bytes += self.preamble;
        counts
    }

    /// True while something is asked or an answer awaited.
    #[must_use]
    pub fn is_talking(&self) -> bool {
        !self.script.is_over()
    }

    /// True from the moment a device was told to start again until its answer is a frame.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.listen_until_s.is_some()
    }

    /// True for devices that must be told to send.
    #[must_use]
    pub fn needs_telling(&self) -> bool {
        !opening(self.protocol, &self.options).is_empty()
    }

    /// The port was opened again, or the device has been silent for long: the conversation starts anew. Channels stay as learnt.
    pub fn restart(&mut self, now_s: f64) {
        self.script = Script::new(opening(self.protocol, &self.options));
        self.fresh = self.said.len();
        self.opened_s = now_s;
        self.question = None;
        self.listen_until_s = None;
        if matches!(self.stage, Stage::Ready(..)) {
            self.script = Script::new(Vec::new());
            self.listen_until_s = self.needs_telling().then_some(now_s + LISTEN_AGAIN_S);
        }
        if let Stage::Ready(codec, _) = &mut self.stage {
            // Whatever was cut ends here.
            let end: &[u8] = match self.protocol {
                Protocol::Ascii => b"\n",
                Protocol::Surae => &[0],
                _ => b"",
            };
            codec.decoder().push(end, &mut |_| {});
        }
    }

    /// Words that the port itself learnt while it was opened (Trigno's command connection).
    pub fn told(&mut self, text: &str) {
        self.remember(text.as_bytes());
        self.learn_anew();
    }

    /// Takes bytes that were read at `now_s`.
    pub fn push(&mut self, now_s: f64, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        self.bytes += bytes.len() as u64;
        if self.is_talking() && self.protocol != Protocol::Backyard {
            self.script.heard(now_s);
            self.remember(bytes);
            self.preamble += bytes.len() as u64;
            return;
        }
        if self.question.is_some() {
            self.remember(bytes);
        }
        match &mut self.stage {
            Stage::Ready(codec, _) => {
                let mut frames = false;
                codec.decoder().push(bytes, &mut |item| {
                    frames |= matches!(item, Item::Frame(_));
                    out(item);
                });
                if frames {
                    self.listen_until_s = None;
                }
            }
            Stage::Learning(learning) => {
                if let Some((form, width)) = learning.push(bytes) {
                    self.choose(form, width, out);
                }
            }
        }
    }

    /// Nothing came for two frame periods.
    pub fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        if let Stage::Ready(codec, _) = &mut self.stage {
            codec.decoder().idle(out);
        }
    }

    /// Nothing comes any more: frames that wait may go.
    pub fn finish(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        if let Stage::Ready(codec, _) = &mut self.stage {
            codec.decoder().finish(out);
        }
    }

    /// Appends what is to be sent now.
    pub fn poll(&mut self, now_s: f64, send: &mut Vec<u8>) {
        if self.listen_until_s.is_some_and(|until_s| now_s >= until_s) {
            self.listen_until_s = None;
            self.script = Script::new(opening(self.protocol, &self.options));
        }
        if self.is_talking() {
            self.script.poll(now_s, &self.said, send);
            if self.script.is_over() {
                self.learn_anew();
            }
            return;
        }
        if self.protocol == Protocol::Auto && matches!(self.stage, Stage::Learning(_)) {
            self.ask(now_s, send);
        }
    }

    /// What ends the stream in order.
    #[must_use]
    pub fn closing(&self) -> &'static [u8] {
        script::closing(self.protocol)
    }

    /// Why nothing can be understood, in words: what arrived, and what to do.
    #[must_use]
    pub fn trouble(&self, baud: u32) -> String {
        let name = self.asked.name();
        let said = &self.said[self.fresh.min(self.said.len())..];
        if said.contains("Failure") && matches!(self.protocol, Protocol::Cyton | Protocol::CytonDaisy) {
            return "the dongle answers and the board does not; switch the board on (PC, not BLE) and near"
                .to_owned();
        }
        if self.protocol == Protocol::CytonDaisy && said.contains("no daisy") {
            return "the board answers and has no Daisy; use --device cyton".to_owned();
        }
        if self.bytes == 0 {
            let ask = if self.needs_telling() { " and gives no answer" } else { "" };
            return format!("no byte arrives{ask}; is the device running, and is this its port?");
        }
        let (seen, frames, held) = match &self.stage {
            Stage::Learning(learning) => (learning.seen(), learning.frames(), learning.held()),
            Stage::Ready(codec, _) => {
                let frames = codec.counts().frames;
                return format!(
                    "{frames} frames arrive, too slow or irregular to tell the rate; state it with --rate"
                );
            }
        };
        let all = self.bytes;
        if seen == 0 {
            return format!("{all} bytes of replies arrive and no samples; switch the device off and on");
        }
        if frames > 8 {
            return format!(
                "{all} bytes arrive with {frames} frames among much noise; check --baud (now {baud}) and the cable"
            );
        }
        let guess = identify(held).filter(|guess| *guess != self.protocol);
        let hint = match guess {
            Some(other) => format!("is this a device of --device {}?", other.name()),
            None if self.asked == Protocol::Auto => {
                format!("no protocol that is known; check --baud (now {baud})")
            }
            None => format!("is this a {name}? check --device and --baud (now {baud})"),
        };
        let what = if self.asked == Protocol::Ascii { "line of numbers" } else { "valid frame" };
        format!("{all} bytes arrive, no {what}: {hint}")
    }

    /// The conversation is over: the answers say which forms are possible.
    fn learn_anew(&mut self) {
        if matches!(self.stage, Stage::Learning(_)) {
            let forms = forms(self.protocol, &self.options, &self.said);
            self.stage = Stage::Learning(Learning::new(&forms, &self.options));
        }
    }

    fn choose(&mut self, form: Form, width: usize, out: &mut dyn FnMut(Item<'_>)) {
        let empty = Stage::Learning(Learning::new(&[], &self.options));
        let Stage::Learning(learning) = std::mem::replace(&mut self.stage, empty) else { return };
        let held = learning.into_held();
        let mut codec = form.codec(&self.options);
        let mut said = std::mem::take(&mut self.said);
        let mut late = Vec::new();
        let mut take = |item: Item<'_>| {
            if let Item::Message(Message::Text(text)) = item {
                late.push(text.to_owned());
            }
            out(item);
        };
        codec.decoder().push(&held, &mut take);
        for text in late {
            said.push_str(&text);
            said.push('\n');
        }
        self.said = said;
        self.protocol = form.protocol;
        if let Some(facts) = codec.facts(form.protocol, &self.options, width, &self.said) {
            self.stage = Stage::Ready(codec, facts);
        }
    }

    /// A silent port: asks who is there, one question after the other.
    fn ask(&mut self, now_s: f64, send: &mut Vec<u8>) {
        if let Some((at, asked_s)) = self.question {
            let question = &script::QUESTIONS[at];
            let (protocol, heard) = (question.protocol, &self.said[self.fresh..]);
            let board = || heard.lines().any(|line| chords::Board::named(line).is_some());
            let yes = question.answers.iter().any(|answer| heard.contains(answer))
                || (protocol == Protocol::Chords && board());
            if yes {
                self.protocol = protocol;
                self.script = Script::new(opening(protocol, &self.options));
                self.question = None;
                self.learn_anew();
                return;
            }
            if now_s - asked_s < ANSWER_S {
                return;
            }
        } else if now_s - self.opened_s < LISTEN_S {
            return;
        }
        let next = self.question.map_or(0, |(at, _)| at + 1);
        if let Some(question) = script::QUESTIONS.get(next) {
            self.fresh = self.said.len();
            send.extend_from_slice(question.send);
            self.question = Some((next, now_s));
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        // Names and answers are ASCII; noise between them must not hide them.
        self.said.extend(bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }));
        if self.said.len() > MAX_SAID {
            // The beginning says who the board is; the end holds the answer that is awaited.
            let cut = MAX_SAID / 4..self.said.len() - MAX_SAID / 4;
            self.said.replace_range(cut, "");
            self.fresh = self.fresh.min(self.said.len());
        }
    }
}

#[cfg(test)]
mod fault_table;
#[cfg(test)]
mod tests;
