//! Values files as given, one after another or with `-f` as Helm takes them: arguments in, inputs in their order out.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::Arg;
use clap::ArgAction;
use clap::ArgMatches;
use clap::Args;
use clap::Command;
use clap::FromArgMatches;
use clap::builder::OsStringValueParser;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;

/// Where one values file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Written `-`.
    StandardInput,
    File(PathBuf),
}

impl From<OsString> for Input {
    fn from(written: OsString) -> Self {
        if written == "-" { Self::StandardInput } else { Self::File(written.into()) }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardInput => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// The values files in the order of the command line, whichever way each was given; later ones win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs(Vec<Input>);

impl Inputs {
    pub fn iter(&self) -> impl Iterator<Item = &Input> {
        self.0.iter()
    }

    /// The last values file, unless that is standard input.
    pub fn last_file(&self) -> Option<&std::path::Path> {
        match self.0.last()? {
            Input::File(path) => Some(path),
            Input::StandardInput => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

const FILE: &str = "file";
const VALUES: &str = "values";

impl Args for Inputs {
    fn augment_args(command: Command) -> Command {
        let input = || OsStringValueParser::new().map(Input::from);
        command
            .arg(
                Arg::new(FILE)
                    .value_name("FILE")
                    .value_parser(input())
                    .action(ArgAction::Append)
                    .num_args(0..)
                    .help("Values files; later ones win, `-` is standard input"),
            )
            .arg(
                Arg::new(VALUES)
                    .short('f')
                    .long("values")
                    .value_name("FILE")
                    .value_parser(input())
                    .action(ArgAction::Append)
                    .value_delimiter(',')
                    .help("A values file, as Helm takes it; may be repeated"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Inputs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given: Vec<(usize, Input)> = Vec::new();
        for id in [FILE, VALUES] {
            let places = matches.indices_of(id).into_iter().flatten();
            given.extend(places.zip(matches.get_many::<Input>(id).into_iter().flatten().cloned()));
        }
        given.sort_by_key(|(place, _)| *place);
        let inputs: Vec<Input> = given.into_iter().map(|(_, input)| input).collect();
        match inputs.iter().filter(|input| **input == Input::StandardInput).count() {
            0 | 1 => Ok(Self(inputs)),
            _ => Err(clap::Error::raw(ErrorKind::ArgumentConflict, "`-` (standard input) can be read only once\n")),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
