//! Which values of a report become `null` or an empty list in JSON, without making the JSON.
//!
//! A long trial has half a million values and a few thousand that are missing: a tree of all of them costs more than the rest of the
//! report. Not for the reasons (`unavailable`).

use serde::Serialize;
use serde::de::value::Error;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, Serializer,
};

/// Paths of what is missing in `value`, but for what lies under the key `passed_over` of its own; in the order of the JSON.
///
/// Missing is `null`, a number that is not finite, an empty list, an empty object. Of a list of numbers the list itself is named.
pub(super) fn absent(value: &impl Serialize, passed_over: &'static str) -> Vec<String> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new(), passed_over };
    // A report is plain data with string keys: there is nothing in it that cannot be walked.
    match value.serialize(&mut walk) {
        Ok(_) => walk.found,
        Err(_) => Vec::new(),
    }
}

/// One step into the report.
enum Step {
    Field(&'static str),
    Key(String),
    Item(usize),
}

/// What a value is in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Null,
    Number,
    Other,
}

struct Walk {
    path: Vec<Step>,
    found: Vec<String>,
    passed_over: &'static str,
}

impl Walk {
    fn missing(&mut self) {
        let mut words = String::new();
        for step in &self.path {
            let key = match step {
                Step::Item(at) => {
                    words.push_str(&format!("[{at}]"));
                    continue;
                }
                Step::Field(key) => key,
                Step::Key(key) => key.as_str(),
            };
            if !words.is_empty() {
                words.push('.');
            }
            words.push_str(key);
        }
        self.found.push(words);
    }

    fn null(&mut self) -> Is {
        self.missing();
        Is::Null
    }

    fn under(&mut self, step: Step, value: &(impl Serialize + ?Sized)) -> Result<Is, Error> {
        self.path.push(step);
        let is = value.serialize(&mut *self);
        self.path.pop();
        is
    }

    /// A value that stands under the name of its variant.
    fn variant(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Result<Is, Error> {
        self.under(Step::Field(name), value)?;
        Ok(Is::Other)
    }
}

macro_rules! are {
    ($is:expr, $($method:ident: $type:ty),+) => {
        $(fn $method(self, _: $type) -> Result<Is, Error> {
            Ok($is)
        })+
    };
}

impl<'a> Serializer for &'a mut Walk {
    type Ok = Is;
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = Impossible<Is, Error>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    are!(Is::Number, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    are!(Is::Number, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);
    are!(Is::Other, serialize_bool: bool, serialize_char: char, serialize_str: &str);

    fn serialize_f32(self, value: f32) -> Result<Is, Error> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<Is, Error> {
        Ok(if value.is_finite() { Is::Number } else { self.null() })
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Is, Error> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<Is, Error> {
        Ok(self.null())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Is, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Is, Error> {
        Ok(self.null())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Is, Error> {
        Ok(self.null())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<Is, Error> {
        Ok(Is::Other)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Is, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Is, Error> {
        self.variant(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Error> {
        Ok(List { before: self.found.len(), walk: self, length: 0, has_null: false, is_plain: true })
    }

    fn serialize_tuple(self, length: usize) -> Result<List<'a>, Error> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List<'a>, Error> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<Is, Error>, Error> {
        Err(serde::ser::Error::custom(format!(
            "{name}: a variant of several values has no place in a report"
        )))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Error> {
        Ok(Fields { walk: self, is_empty: true, key: None, is_variant: false })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Error> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Error> {
        self.path.push(Step::Field(variant));
        Ok(Fields { walk: self, is_empty: true, key: None, is_variant: true })
    }
}

/// A list at work.
struct List<'a> {
    walk: &'a mut Walk,
    /// What was found before it.
    before: usize,
    length: usize,
    has_null: bool,
    /// Numbers and `null` only.
    is_plain: bool,
}

impl SerializeSeq for List<'_> {
    type Ok = Is;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let is = self.walk.under(Step::Item(self.length), value)?;
        self.length += 1;
        self.has_null |= is == Is::Null;
        self.is_plain &= is != Is::Other;
        Ok(())
    }

    fn end(self) -> Result<Is, Error> {
        if self.is_plain {
            self.walk.found.truncate(self.before);
            if self.has_null || self.length == 0 {
                self.walk.missing();
            }
        }
        Ok(Is::Other)
    }
}

impl SerializeTuple for List<'_> {
    type Ok = Is;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Is, Error> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for List<'_> {
    type Ok = Is;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Is, Error> {
        SerializeSeq::end(self)
    }
}

/// An object at work.
struct Fields<'a> {
    walk: &'a mut Walk,
    is_empty: bool,
    /// Key of the value that comes next.
    key: Option<String>,
    is_variant: bool,
}

impl Fields<'_> {
    fn done(self) -> Result<Is, Error> {
        if self.is_empty && !self.walk.path.is_empty() {
            self.walk.missing();
        }
        if self.is_variant {
            self.walk.path.pop();
        }
        Ok(Is::Other)
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = Is;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.is_empty = false;
        if !(self.walk.path.is_empty() && key == self.walk.passed_over) {
            self.walk.under(Step::Field(key), value)?;
        }
        Ok(())
    }

    fn end(self) -> Result<Is, Error> {
        self.done()
    }
}

impl SerializeStructVariant for Fields<'_> {
    type Ok = Is;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Result<Is, Error> {
        self.done()
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = Is;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        // JSON has keys of text only; numbers and words of an enumeration become text.
        let key = serde_json::to_value(key).map_err(serde::ser::Error::custom)?;
        self.key = Some(key.as_str().map_or_else(|| key.to_string(), str::to_owned));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.is_empty = false;
        let key = self.key.take().unwrap_or_default();
        if !(self.walk.path.is_empty() && key == self.walk.passed_over) {
            self.walk.under(Step::Key(key), value)?;
        }
        Ok(())
    }

    fn end(self) -> Result<Is, Error> {
        self.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_is_absent_is_what_the_json_lacks() {
        let value = json!({
            "a": null, "list": [1, null, 2.5], "whole": [1, 2], "empty": [], "object": {},
            "words": ["x", null], "deep": [{"b": null, "c": [null]}, {"b": 1, "c": []}],
            "lists": [[1, null], [2]], "passed": {"d": null},
        });
        let mut expected = Vec::new();
        by_tree(&value, &mut String::new(), &mut expected);
        let mut found = absent(&value, "passed");
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert!(found.contains(&"deep[0].b".to_owned()) && found.contains(&"list".to_owned()));
    }

    #[test]
    fn numbers_that_json_does_not_know_are_absent() {
        #[derive(Serialize)]
        enum Kind {
            Plain,
            Held { x: Option<f64> },
            One(Vec<f64>),
        }
        #[derive(Serialize)]
        struct Some3 {
            number: f64,
            list: Vec<f64>,
            kinds: (Kind, Kind, Kind),
        }
        let kinds = (Kind::Plain, Kind::Held { x: None }, Kind::One(vec![f64::INFINITY]));
        let value = Some3 { number: f64::NAN, list: vec![1.0, f64::NAN], kinds };
        let mut expected = Vec::new();
        by_tree(&serde_json::to_value(&value).unwrap(), &mut String::new(), &mut expected);
        let mut found = absent(&value, "passed");
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(found, ["kinds[1].Held.x", "kinds[2].One", "list", "number"]);
    }

    /// The same by way of the whole tree.
    fn by_tree(value: &Value, path: &mut String, found: &mut Vec<String>) {
        let length = path.len();
        match value {
            Value::Null => found.push(path.clone()),
            Value::Array(items) if items.iter().all(|item| item.is_null() || item.is_number()) => {
                if items.is_empty() || items.iter().any(Value::is_null) {
                    found.push(path.clone());
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{i}]"));
                    by_tree(item, path, found);
                    path.truncate(length);
                }
            }
            Value::Object(fields) => {
                if fields.is_empty() && !path.is_empty() {
                    found.push(path.clone());
                }
                for (key, field) in fields.iter().filter(|(key, _)| length > 0 || *key != "passed") {
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(key);
                    by_tree(field, path, found);
                    path.truncate(length);
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
