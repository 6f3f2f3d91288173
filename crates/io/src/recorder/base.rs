//! Where a recording begins within its session: indices of the file count from there.

use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{HostNs, SampleIndex, SessionLayout};

/// The first index of each stream in the file. With [`Base::start_of_session`] nothing is moved.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// `None` until the stream's first block: its index is the base.
    first: Vec<Option<u64>>,
    master: Option<usize>,
}

impl Base {
    pub fn start_of_session(layout: &SessionLayout) -> Self {
        Self { first: vec![Some(0); layout.streams.len()], master: master(layout) }
    }

    /// Master sample `index` becomes sample 0; the other streams start with their first block.
    pub fn at(layout: &SessionLayout, index: SampleIndex) -> Self {
        let master = master(layout);
        let first = (0..layout.streams.len()).map(|k| (Some(k) == master).then_some(index.0)).collect();
        Self { first, master }
    }

    fn of_master(&self) -> u64 {
        self.master.and_then(|at| self.first[at]).unwrap_or(0)
    }

    /// A block's header as the file has it; `None` when it lies before the beginning.
    pub fn block(&mut self, header: &BlockHeader) -> Option<BlockHeader> {
        let master = self.of_master();
        let at = usize::from(header.stream.0);
        let first = *self.first.get_mut(at)?.get_or_insert(header.first.0);
        let position = if Some(at) == self.master {
            header.first.0.checked_sub(first)? as f64
        } else {
            header.position - master as f64
        };
        Some(BlockHeader { first: SampleIndex(header.first.0.checked_sub(first)?), position, ..*header })
    }

    /// An entry as the file has it; `None` for what lies before the beginning.
    pub fn entry(&self, stamped: &Stamped, layout: &SessionLayout) -> Option<Stamped> {
        let of_stream = |id: surae_trial::StreamId| self.first.get(usize::from(id.0)).copied().flatten();
        let moved = |index: SampleIndex, by: u64| index.0.checked_sub(by).map(SampleIndex);
        let entry = match stamped.entry {
            Entry::Gap { stream, index, lost, certain } => {
                Entry::Gap { stream, index: moved(index, of_stream(stream)?)?, lost, certain }
            }
            Entry::PipelineDrop { stream, first, last } => {
                let base = of_stream(stream)?;
                let last = moved(last, base)?;
                Entry::PipelineDrop { stream, first: SampleIndex(first.0.saturating_sub(base)), last }
            }
            Entry::Clock { stream, origin, rate_hz } => {
                let nominal_hz = layout.stream(stream).map_or(rate_hz, |stream| stream.rate_hz);
                let rate = if rate_hz > 0.0 { rate_hz } else { nominal_hz };
                let later_ns = of_stream(stream).unwrap_or(0) as f64 / rate * 1e9;
                Entry::Clock { stream, origin: HostNs(origin.0 + later_ns.round() as i64), rate_hz }
            }
            Entry::Event { kind, side, index } => {
                Entry::Event { kind, side, index: moved(index, self.of_master())? }
            }
            Entry::Mark { code, index } => Entry::Mark { code, index: moved(index, self.of_master())? },
            Entry::Block(header) => Entry::Block(header),
            entry @ (Entry::Settings(_) | Entry::Reference { .. } | Entry::Straight { .. } | Entry::End) => {
                entry
            }
        };
        Some(Stamped { at: SampleIndex(stamped.at.0.saturating_sub(self.of_master())), entry })
    }
}

fn master(layout: &SessionLayout) -> Option<usize> {
    layout.master.map(|id| usize::from(id.0))
}
