//! A recording with a given session log, as bytes of XDF.

/// A log that is read whole: the start for mutations. Made by `surae live --record` on an emulated device.
pub const LOG: &str = include_str!("../seeds/session.jsonl");

/// Two channels of EMG at 1000 Hz, their `clock` stream, and a `surae.log` with one string for each line of `log`.
pub fn around(log: &[u8]) -> Vec<u8> {
    let mut out = b"XDF:".to_vec();
    chunk(&mut out, 1, b"<?xml version=\"1.0\"?><info><version>1.0</version></info>");
    header(&mut out, 1, "emg", 2, 1000.0, "double64");
    header(&mut out, 2, "clock", 5, 0.0, "double64");
    header(&mut out, 3, "surae.log", 1, 0.0, "string");
    let mut values = Vec::new();
    for k in 0..50u32 {
        stamp(&mut values, f64::from(k) / 1000.0);
        for channel in 0..2u32 {
            values.extend(f64::from((k * 7 + channel * 3) % 11).to_le_bytes());
        }
    }
    samples(&mut out, 1, 50, &values);
    let mut clock = Vec::new();
    stamp(&mut clock, 0.0);
    for value in [0.0f64, 0.0, 50.0, 0.0, 1e9] {
        clock.extend(value.to_le_bytes());
    }
    samples(&mut out, 2, 1, &clock);
    let lines: Vec<&[u8]> = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let mut texts = Vec::new();
    for line in &lines {
        stamp(&mut texts, 0.0);
        texts.push(4);
        texts.extend((line.len() as u32).to_le_bytes());
        texts.extend_from_slice(line);
    }
    samples(&mut out, 3, lines.len() as u32, &texts);
    out
}

fn stamp(out: &mut Vec<u8>, at_s: f64) {
    out.push(8);
    out.extend(at_s.to_le_bytes());
}

fn samples(out: &mut Vec<u8>, id: u32, count: u32, values: &[u8]) {
    let mut content = id.to_le_bytes().to_vec();
    content.push(4);
    content.extend(count.to_le_bytes());
    content.extend_from_slice(values);
    chunk(out, 3, &content);
}

fn header(out: &mut Vec<u8>, id: u32, name: &str, channels: usize, rate_hz: f64, format: &str) {
    let mut content = id.to_le_bytes().to_vec();
    let xml = format!(
        "<?xml version=\"1.0\"?><info><name>{name}</name><type>EMG</type><channel_count>{channels}</channel_count>\
         <nominal_srate>{rate_hz}</nominal_srate><channel_format>{format}</channel_format></info>"
    );
    content.extend_from_slice(xml.as_bytes());
    chunk(out, 2, &content);
}

fn chunk(out: &mut Vec<u8>, tag: u16, content: &[u8]) {
    out.push(4);
    out.extend((content.len() as u32 + 2).to_le_bytes());
    out.extend(tag.to_le_bytes());
    out.extend_from_slice(content);
}
