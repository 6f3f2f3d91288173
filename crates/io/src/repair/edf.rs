//! EDF and BDF cut within a data record, or closed before the number of records was written.

use super::{Out, Repair};
use crate::error::{Blame, Error, Position};
use crate::input::Input;

pub(super) fn repair(input: &Input<'_>, out: &mut Out<'_>) -> Result<Repair, Error> {
    let is_bdf = input.head()?.starts_with(b"\xff");
    let mut repair = Repair::new(if is_bdf { "BDF" } else { "EDF" });
    let blame = Blame { path: &input.name, format: repair.format };
    let field = |at: u64, length: usize| -> Result<String, Error> {
        Ok(input.piece(at, length)?.iter().map(|b| char::from(*b)).collect::<String>().trim().to_owned())
    };
    let broken = |at: u64, what: &str| {
        blame.malformed(
            Position::Byte(at),
            what.to_owned(),
            "the header is damaged: nothing can be saved without it",
        )
    };
    let signals: u64 = field(252, 4)?.parse().map_err(|_| broken(252, "no number of signals"))?;
    if signals == 0 || signals > 10_000 {
        return Err(broken(252, "an impossible number of signals"));
    }
    let header = 256 * (signals + 1);
    if input.len() < header {
        return Err(broken(input.len(), "the file ends within its header"));
    }
    let mut record = 0u64;
    for signal in 0..signals {
        let at = 256 + signals * 216 + signal * 8;
        let samples: u64 = field(at, 8)?.parse().map_err(|_| broken(at, "no samples per record"))?;
        record += samples.min(1 << 32) * if is_bdf { 3 } else { 2 };
    }
    if record == 0 {
        return Err(broken(256, "records without samples"));
    }
    let stated: i64 = field(236, 8)?.parse().unwrap_or(-1);
    let there = (input.len() - header) / record;
    let torn = (input.len() - header) % record;
    let seconds: f64 = field(244, 8)?.parse().unwrap_or(f64::NAN);
    if there == 0 {
        return Err(blame.malformed(
            Position::Byte(header),
            "no whole data record",
            "nothing can be saved from it",
        ));
    }
    let mut patches = Vec::new();
    if stated < 0 || stated.unsigned_abs() != there && (stated.unsigned_abs() > there || stated == 0) {
        patches.push((236, format!("{there:<8}").into_bytes()));
        let lost = stated - there as i64;
        let loss = if lost > 0 {
            format!(": {lost} records ({:.3} s) are lost", lost as f64 * seconds)
        } else {
            String::new()
        };
        repair.say(
            "edf_records",
            format!("the header states {stated} data records, the file holds {there}{loss}"),
        );
    }
    let keep = if stated > 0 && stated.unsigned_abs() < there { stated.unsigned_abs() } else { there };
    if keep < there {
        repair.lost_bytes += (there - keep) * record;
        repair.say(
            "edf_surplus",
            format!("{} records behind the {keep} stated ones were left out", there - keep),
        );
    }
    if torn > 0 {
        repair.lost_bytes += torn;
        repair
            .say("edf_torn_record", format!("{torn} bytes of a torn last record of {record} were left out"));
    }
    out.copy(input, header + keep * record, &patches)?;
    Ok(repair)
}
