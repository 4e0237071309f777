//! `schemas/kubernetes.txt` -> kinds and their types; read only when somebody writes objects in Kubernetes' own form.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::assets;

/// Made by `tests/suite/openapi.rs`, which says what the letters mean.
const TEXT: &str = assets::text("schemas/kubernetes.txt");

/// Kinds by `apiVersion` and `kind`, and the types of their fields.
pub struct Types {
    kinds: BTreeMap<(&'static str, &'static str), Kind>,
    types: BTreeMap<&'static str, BTreeMap<&'static str, Field>>,
}

/// A kind of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub scope: Scope,
    root: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Namespaced,
    Cluster,
}

/// A field of a type.
pub struct Field {
    pub required: bool,
    /// A patch replaces it instead of merging into it.
    pub replaced: bool,
    pub holds: Type,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    Words(&'static str),
    Integer,
    Number,
    Boolean,
    Quantity,
    IntegerOrText,
    Bytes,
    Any,
    /// Every value holds this.
    Map(&'static str),
    /// Every element holds this.
    List(&'static str, Merge),
    /// A type with fields, by its name.
    Fields(&'static str),
}

/// How a patch changes a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    Replace,
    /// Elements are the same when this field of them is.
    Key(&'static str),
    /// Scalars, each once.
    Set,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| Types::read(TEXT));

impl Types {
    pub fn get() -> &'static Self {
        &TYPES
    }

    fn read(text: &'static str) -> Self {
        let mut read = Self { kinds: BTreeMap::new(), types: BTreeMap::new() };
        let mut name = "";
        for line in text.lines() {
            let mut words = line.splitn(5, ' ');
            match (words.next(), words.next(), words.next(), words.next(), words.next()) {
                (Some("kind"), Some(api_version), Some(kind), Some(scope), Some(root)) => {
                    let scope = if scope == "cluster" { Scope::Cluster } else { Scope::Namespaced };
                    read.kinds.insert((api_version, kind), Kind { api_version, kind, scope, root });
                }
                (Some("type"), Some(next), ..) => {
                    name = next;
                    read.types.insert(name, BTreeMap::new());
                }
                (Some(""), ..) => {
                    let Some((field, holds)) = line.trim_start().split_once(' ') else { continue };
                    let (required, holds) = marked(holds, '!');
                    let (replaced, holds) = marked(holds, '=');
                    let of = Field { required, replaced, holds: Type::of(holds) };
                    read.types.entry(name).or_default().insert(field, of);
                }
                _ => {}
            }
        }
        read
    }

    pub fn kind(&self, api_version: &str, kind: &str) -> Option<Kind> {
        let kinds: &BTreeMap<(&str, &str), Kind> = &self.kinds;
        kinds.get(&(api_version, kind)).copied()
    }

    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.kinds.values().copied()
    }

    /// The fields of a type; `None` for a type of another name than those in the text.
    pub fn fields(&self, name: &str) -> Option<&BTreeMap<&'static str, Field>> {
        self.types.get(name)
    }
}

fn marked(text: &'static str, mark: char) -> (bool, &'static str) {
    text.strip_prefix(mark).map_or((false, text), |rest| (true, rest))
}

impl Kind {
    /// Whether Kubernetes itself has it, and no CRD.
    pub fn is_built_in(&self) -> bool {
        !self.root.contains('/')
    }

    /// What an object of this kind holds.
    pub fn holds(&self) -> Type {
        Type::Fields(self.root)
    }
}

impl Type {
    /// The type that these letters mean.
    pub fn of(text: &'static str) -> Self {
        let inside = |open, close| text.strip_prefix(open).and_then(|text: &'static str| text.strip_suffix(close));
        if let Some(inner) = inside('{', '}') {
            return Self::Map(inner);
        }
        if let Some(words) = inside('(', ')') {
            return Self::Words(words);
        }
        if let Some(inner) = inside('[', ']') {
            // Words have spaces in them, and no key behind them.
            return match inner.rsplit_once(' ').filter(|_| !inner.ends_with(')')) {
                Some((item, "+")) => Self::List(item, Merge::Set),
                Some((item, key)) => Self::List(item, Merge::Key(key)),
                None => Self::List(inner, Merge::Replace),
            };
        }
        match text {
            "s" => Self::Text,
            "i" => Self::Integer,
            "n" => Self::Number,
            "b" => Self::Boolean,
            "q" => Self::Quantity,
            "x" => Self::IntegerOrText,
            "y" => Self::Bytes,
            "*" => Self::Any,
            name => Self::Fields(name),
        }
    }

    /// What a map or a list holds, what a field of this name holds, or anything.
    pub fn below(self, types: &Types, key: &str) -> Self {
        match self {
            Self::Map(inner) | Self::List(inner, _) => Self::of(inner),
            Self::Fields(name) => {
                types.fields(name).and_then(|fields| fields.get(key)).map_or(Self::Any, |field| field.holds)
            }
            _ => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_there() {
        let types = Types::get();
        let known = |holds: Type| {
            let mut holds = holds;
            while let Type::Map(inner) | Type::List(inner, _) = holds {
                holds = Type::of(inner);
            }
            !matches!(holds, Type::Fields(name) if types.fields(name).is_none())
        };
        assert!(types.kinds().all(|kind| known(kind.holds())));
        assert!(types.types.values().flat_map(BTreeMap::values).all(|field| known(field.holds)));
        let deployment = types.kind("apps/v1", "Deployment").unwrap();
        let pod = ["spec", "template", "spec"].iter().fold(deployment.holds(), |holds, key| holds.below(types, key));
        assert_eq!(pod.below(types, "containers"), Type::List("core.v1.Container", Merge::Key("name")));
        assert_eq!(types.kind("v1", "Namespace").map(|kind| kind.scope), Some(Scope::Cluster));
        let key = ["spec", "privateKey", "algorithm"];
        let certificate = types.kind("cert-manager.io/v1", "Certificate").unwrap().holds();
        let holds = key.iter().fold(certificate, |holds, key| holds.below(types, key));
        assert_eq!(holds, Type::Words("RSA|ECDSA|Ed25519"));
    }
}
