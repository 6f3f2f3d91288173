//! What is said to the board, and what an emulated board answers.

use super::Aux;

/// One command: what is sent, and the reply's words that show it was taken (`None`: no reply).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Bytes to send together: the board times out between the bytes of one command.
    pub send: &'static [u8],
    /// Text that the reply must hold.
    pub expect: Option<&'static str>,
}

const fn command(send: &'static [u8], expect: Option<&'static str>) -> Command {
    Command { send, expect }
}

/// What opens a stream: stop, reset, channels, board mode, start. Every reply ends with `$$$`; one that begins with `Failure`
/// means that the dongle is there and the board is off.
#[must_use]
pub fn opening(daisy: bool, aux: Aux) -> Vec<Command> {
    let mode = match aux {
        Aux::Acceleration => command(b"/0", Some("Success")),
        Aux::Analog => command(b"/2", Some("Success")),
        Aux::Digital => command(b"/3", Some("Success")),
        Aux::Marker => command(b"/4", Some("Success")),
    };
    let mut commands = vec![command(b"s", None), command(b"v", Some("OpenBCI"))];
    // A reset board uses the Daisy that it finds; `c` would take that away from who asked for a Cyton and has both.
    if daisy {
        commands.push(command(b"C", Some("daisy")));
    }
    commands.extend([mode, command(b"b", None)]);
    commands
}

/// An emulated board's answers.
#[derive(Clone, Debug)]
pub struct Responder {
    daisy: bool,
    /// True between `b` and `s`.
    pub streaming: bool,
    aux: Aux,
    /// A marker that the next frame carries.
    pub marker: Option<u8>,
    pending: Vec<u8>,
}

impl Responder {
    /// A board that was just switched on.
    #[must_use]
    pub fn new(daisy: bool) -> Self {
        Self { daisy, streaming: false, aux: Aux::default(), marker: None, pending: Vec::new() }
    }

    /// The board mode.
    #[must_use]
    pub fn aux(&self) -> Aux {
        self.aux
    }

    /// Takes what the host sent; appends the answers.
    pub fn receive(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            self.pending.push(*byte);
            if let Some(reply) = self.reply() {
                out.extend_from_slice(reply.as_bytes());
                self.pending.clear();
            }
        }
    }

    /// The answer to the pending bytes, once they are a whole command; empty for commands without an answer.
    fn reply(&mut self) -> Option<String> {
        let first = *self.pending.first()?;
        match (first, self.pending.len()) {
            (b'x', 2..) if self.pending.last() == Some(&b'X') => {
                let channel = char::from(self.pending[1]);
                Some(format!("Success: Channel set for {channel}$$$"))
            }
            (b'z', 2..) if self.pending.last() == Some(&b'Z') => {
                let channel = char::from(self.pending[1]);
                Some(format!("Success: Lead off set for {channel}$$$"))
            }
            (b'x' | b'z', ..12) => None,
            (b'/' | b'~' | b'`', 1) => None,
            (b'/', _) => Some(self.mode(self.pending[1])),
            (b'~', _) => Some("Success: Sample rate is 250Hz$$$".to_owned()),
            (b'`', _) => {
                self.marker = Some(self.pending[1]);
                Some(String::new())
            }
            _ => Some(self.single(first)),
        }
    }

    fn mode(&mut self, digit: u8) -> String {
        let (aux, name) = match digit {
            b'0' => (Aux::Acceleration, "default"),
            b'2' => (Aux::Analog, "analog"),
            b'3' => (Aux::Digital, "digital"),
            b'4' => (Aux::Marker, "marker"),
            b'/' => return format!("Success: {}$$$", self.mode_name()),
            _ => return "Failure: invalid board mode value$$$".to_owned(),
        };
        self.aux = aux;
        format!("Success: {name}$$$")
    }

    fn mode_name(&self) -> &'static str {
        match self.aux {
            Aux::Acceleration => "default",
            Aux::Analog => "analog",
            Aux::Digital => "digital",
            Aux::Marker => "marker",
        }
    }

    fn single(&mut self, byte: u8) -> String {
        match byte {
            b'b' => self.streaming = true,
            b's' => self.streaming = false,
            b'v' => {
                self.streaming = false;
                self.aux = Aux::default();
                let daisy = if self.daisy { "On Daisy ADS1299 Device ID: 0x3E\n" } else { "" };
                return format!(
                    "OpenBCI V3 8-16 channel\nOn Board ADS1299 Device ID: 0x3E\n{daisy}LIS3DH Device ID: 0x33\n\
                     Firmware: v3.1.2\n$$$"
                );
            }
            b'V' => return "v3.1.2$$$".to_owned(),
            b'd' => return "updating channel settings to default$$$".to_owned(),
            b'D' => return "060110$$$".to_owned(),
            b'C' if self.daisy => return "daisy attached16$$$".to_owned(),
            b'C' => return "no daisy to attach!8$$$".to_owned(),
            b'c' if self.daisy => return "daisy removed$$$".to_owned(),
            b'<' => return "Time stamp ON$$$".to_owned(),
            b'>' => return "Time stamp OFF$$$".to_owned(),
            _ => {}
        }
        String::new()
    }
}
