//! What the person does, as a word of the command line.

use clap::ValueEnum;
use surae_trial::Task;

/// Tasks of the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TaskName {
    Standing,
    PlantarFlexion,
    Walk,
    Run,
    Sprint,
    Jump,
    KneeExtension,
}

impl From<TaskName> for Task {
    fn from(name: TaskName) -> Self {
        match name {
            TaskName::Standing => Self::Standing,
            TaskName::PlantarFlexion => Self::PlantarFlexion,
            TaskName::Walk => Self::Walk,
            TaskName::Run => Self::Run,
            TaskName::Sprint => Self::Sprint,
            TaskName::Jump => Self::Jump,
            TaskName::KneeExtension => Self::KneeExtension,
        }
    }
}
