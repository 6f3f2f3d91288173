//! From the wire to the decision at 8 channels x 2 kHz over a pseudo-terminal, against the bare pseudo-terminal of the same run.
//!
//! `cargo bench -p surae-engine --bench latency`; the aim is a p99 at most 2 ms above that of the wire.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

#[cfg(unix)]
fn main() {
    // Under `cargo test --benches` a short run that only shows that it works.
    let seconds = if std::env::args().any(|argument| argument == "--bench") { 30.0 } else { 2.0 };
    match surae_engine::latency::latency(seconds) {
        Ok(found) => {
            println!("{:12} {:>9} {:>9} {:>8}", "ms", "p50", "p99", "n");
            for (name, q) in [("wire", found.wire), ("decode", found.decode), ("decision", found.decision)] {
                println!("{name:12} {:9.3} {:9.3} {:8}", q.p50_ms, q.p99_ms, q.n);
            }
            println!("LATENCY decision_over_wire_p99_ms {:.3}", found.decision.p99_ms - found.wire.p99_ms);
            println!("lost frames {}", found.lost);
        }
        Err(error) => println!("not measured: {error}"),
    }
}

#[cfg(not(unix))]
fn main() {
    println!("not measured: no pseudo-terminals here");
}
