//! How a wire type is tied to its domain type: one macro writes the type and both directions.
//!
//! The matches that it writes name every variant and every field of the domain, so a change there
//! does not compile until the wire has an answer to it.

use std::collections::BTreeMap;

use writ_domain as domain;

/// A wire type and the domain type that it stands for. `back(of(x)) == x`.
pub(crate) trait Mirror<D>: Sized {
    fn of(domain: &D) -> Self;
    fn back(self) -> D;
}

/// Writes wire types that mirror domain types of the same name.
///
/// ```text
/// struct N { field: T, }        an object
/// enum N { V { field: T, } }    an object with "type": "V"; `V = "v"` gives another wire name
///   tuples { V { field: T } }   a domain variant `V(T)`, its content named on the wire
///   units  { V }                a domain variant without content
/// words N { V = "v", }          a string out of a closed list
/// ```
macro_rules! mirrored {
    (
        $(#[$attr:meta])*
        struct $Name:ident { $( $(#[$field_attr:meta])* $field:ident: $Type:ty, )* }
    ) => {
        mirrored!(@object $(#[$attr])* $Name { $( $(#[$field_attr])* $field: $Type, )* });

        impl Mirror<domain::$Name> for $Name {
            fn of(domain: &domain::$Name) -> Self {
                let domain::$Name { $( $field, )* } = domain;
                Self { $( $field: Mirror::of($field), )* }
            }

            fn back(self) -> domain::$Name {
                domain::$Name { $( $field: Mirror::back(self.$field), )* }
            }
        }
    };

    (
        $(#[$attr:meta])*
        words $Name:ident { $( $(#[$word_attr:meta])* $Word:ident = $wire:literal, )* }
    ) => {
        $(#[$attr])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
        pub enum $Name { $( $(#[$word_attr])* #[serde(rename = $wire)] $Word, )* }

        impl Read for $Name {
            fn read(tree: Tree) -> Result<Self, Fault> {
                let word = String::read(tree)?;
                $( if word == $wire { return Ok(Self::$Word); } )*
                // The words are not listed: they grow, and what a fault says is frozen.
                Err(Fault::new("is not a known name"))
            }
        }

        impl Mirror<domain::$Name> for $Name {
            fn of(domain: &domain::$Name) -> Self {
                match domain { $( domain::$Name::$Word => Self::$Word, )* }
            }

            fn back(self) -> domain::$Name {
                match self { $( Self::$Word => domain::$Name::$Word, )* }
            }
        }
    };

    (
        $(#[$attr:meta])*
        enum $Name:ident {
            $(
                $(#[$variant_attr:meta])*
                $Variant:ident $(= $wire:literal)?
                { $( $(#[$field_attr:meta])* $field:ident: $Type:ty, )* }
            )*
        }
        $( tuples { $(
            $(#[$tuple_attr:meta])*
            $Tuple:ident $(= $tuple_wire:literal)?
            { $(#[$inner_attr:meta])* $inner:ident: $Inner:ty }
        )* } )?
        $( units { $( $(#[$unit_attr:meta])* $Unit:ident $(= $unit_wire:literal)?, )* } )?
    ) => {
        $(#[$attr])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
        #[serde(tag = "type")]
        pub enum $Name {
            $( $(#[$variant_attr])* $( #[serde(rename = $wire)] )? $Variant($Variant), )*
            $( $( $(#[$tuple_attr])* $( #[serde(rename = $tuple_wire)] )? $Tuple($Tuple), )* )?
            $( $( $(#[$unit_attr])* $( #[serde(rename = $unit_wire)] )? $Unit($Unit), )* )?
        }

        $( mirrored!(@object $(#[$variant_attr])* $Variant {
            $( $(#[$field_attr])* $field: $Type, )*
        }); )*
        $( $( mirrored!(@object $(#[$tuple_attr])* $Tuple {
            $(#[$inner_attr])* $inner: $Inner,
        }); )* )?
        $( $( mirrored!(@empty $(#[$unit_attr])* $Unit); )* )?

        impl Read for $Name {
            fn read(tree: Tree) -> Result<Self, Fault> {
                let mut fields = tree.object()?;
                let kind: String = fields.take("type")?;
                $( if kind == mirrored!(@wire $Variant $($wire)?) {
                    return $Variant::from_fields(fields).map(Self::$Variant);
                } )*
                $( $( if kind == mirrored!(@wire $Tuple $($tuple_wire)?) {
                    return $Tuple::from_fields(fields).map(Self::$Tuple);
                } )* )?
                $( $( if kind == mirrored!(@wire $Unit $($unit_wire)?) {
                    return $Unit::from_fields(fields).map(Self::$Unit);
                } )* )?
                Err(Fault::new("is not a known type").under("type"))
            }
        }

        impl Mirror<domain::$Name> for $Name {
            fn of(domain: &domain::$Name) -> Self {
                match domain {
                    $( domain::$Name::$Variant { $( $field, )* } => {
                        Self::$Variant($Variant { $( $field: Mirror::of($field), )* })
                    } )*
                    $( $( domain::$Name::$Tuple($inner) => {
                        Self::$Tuple($Tuple { $inner: Mirror::of($inner) })
                    } )* )?
                    $( $( domain::$Name::$Unit => Self::$Unit($Unit {}), )* )?
                }
            }

            fn back(self) -> domain::$Name {
                match self {
                    $( Self::$Variant($Variant { $( $field, )* }) => {
                        domain::$Name::$Variant { $( $field: Mirror::back($field), )* }
                    } )*
                    $( $( Self::$Tuple($Tuple { $inner }) => {
                        domain::$Name::$Tuple(Mirror::back($inner))
                    } )* )?
                    $( $( Self::$Unit($Unit {}) => domain::$Name::$Unit, )* )?
                }
            }
        }
    };

    (@wire $Variant:ident) => { stringify!($Variant) };
    (@wire $Variant:ident $wire:literal) => { $wire };

    (@empty $(#[$attr:meta])* $Name:ident) => {
        $(#[$attr])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $Name {}

        impl $Name {
            fn from_fields(fields: Fields) -> Result<Self, Fault> {
                fields.finish().map(|()| Self {})
            }
        }
    };

    (
        @object $(#[$attr:meta])*
        $Name:ident { $( $(#[$field_attr:meta])* $field:ident: $Type:ty, )* }
    ) => {
        $(#[$attr])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $Name { $( $(#[$field_attr])* pub $field: $Type, )* }

        impl $Name {
            fn from_fields(mut fields: Fields) -> Result<Self, Fault> {
                let read = Self { $( $field: fields.take(stringify!($field))?, )* };
                fields.finish()?;
                Ok(read)
            }
        }

        impl Read for $Name {
            fn read(tree: Tree) -> Result<Self, Fault> {
                Self::from_fields(tree.object()?)
            }
        }
    };
}

pub(crate) use mirrored;

macro_rules! same {
    ($($Type:ty),*) => { $(
        impl Mirror<$Type> for $Type {
            fn of(domain: &$Type) -> Self {
                domain.clone()
            }

            fn back(self) -> $Type {
                self
            }
        }
    )* };
}

same!(String, u32, i32, bool);

macro_rules! numbers {
    ($($Type:ident: $get:expr, $make:expr;)*) => { $(
        impl Mirror<domain::$Type> for u64 {
            fn of(domain: &domain::$Type) -> Self {
                $get(*domain)
            }

            fn back(self) -> domain::$Type {
                $make(self)
            }
        }
    )* };
}

numbers! {
    TenantSeq: |seq: domain::TenantSeq| seq.0, domain::TenantSeq;
    NamespaceKey: domain::NamespaceKey::get, domain::NamespaceKey::from_stored;
    PermissionKey: domain::PermissionKey::get, domain::PermissionKey::from_stored;
    RoleKey: domain::RoleKey::get, domain::RoleKey::from_stored;
    UserKey: domain::UserKey::get, domain::UserKey::from_stored;
    GroupKey: domain::GroupKey::get, domain::GroupKey::from_stored;
    AuthorizationKey: domain::AuthorizationKey::get, domain::AuthorizationKey::from_stored;
    AdminKey: domain::AdminKey::get, domain::AdminKey::from_stored;
    LinkedSubjectKey: domain::LinkedSubjectKey::get, domain::LinkedSubjectKey::from_stored;
    LinkKey: domain::LinkKey::get, domain::LinkKey::from_stored;
}

impl<D, T: Mirror<D>> Mirror<Option<D>> for Option<T> {
    fn of(domain: &Option<D>) -> Self {
        domain.as_ref().map(T::of)
    }

    fn back(self) -> Option<D> {
        self.map(T::back)
    }
}

impl<D, T: Mirror<D>> Mirror<Vec<D>> for Vec<T> {
    fn of(domain: &Vec<D>) -> Self {
        domain.iter().map(T::of).collect()
    }

    fn back(self) -> Vec<D> {
        self.into_iter().map(T::back).collect()
    }
}

impl<D, T: Mirror<D>> Mirror<BTreeMap<String, D>> for BTreeMap<String, T> {
    fn of(domain: &BTreeMap<String, D>) -> Self {
        domain
            .iter()
            .map(|(name, value)| (name.clone(), T::of(value)))
            .collect()
    }

    fn back(self) -> BTreeMap<String, D> {
        self.into_iter()
            .map(|(name, value)| (name, value.back()))
            .collect()
    }
}

impl<D, T: Mirror<D>> Mirror<Box<D>> for Box<T> {
    fn of(domain: &Box<D>) -> Self {
        Self::new(T::of(domain))
    }

    fn back(self) -> Box<D> {
        Box::new((*self).back())
    }
}
