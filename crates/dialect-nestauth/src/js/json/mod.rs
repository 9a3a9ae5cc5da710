//! JSON as Node 20 reads it behind Express, its complaints included.
//!
//! Over 16-bit units, so that halves of surrogate pairs survive and positions are Node's. Of a
//! name that stands there twice the last one counts. What is nested deeper than [`DEPTH_MAX`] is
//! refused: the product's own transformation of such a body ends in a stack overflow.

use super::Text;

/// How many lists and objects may be within each other.
const DEPTH_MAX: usize = 256;
/// How much of a text is shown around what was not expected.
const CONTEXT: usize = 10;

/// One JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(Text),
    List(Vec<Value>),
    Object(Vec<(Text, Value)>),
}

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// In Node's words.
    Broken(Text),
    /// It is nested too deep.
    TooDeep,
}

impl Value {
    /// The field of this name, if this is an object that has it.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else {
            return None;
        };
        let name = Text::from(name);
        let found = fields.iter().rev().find(|(key, _)| *key == name);
        found.map(|(_, value)| value)
    }

    /// The value as `JSON.stringify` writes it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => super::number(number),
            // Kept as it is read back: half a pair cannot be.
            Self::Text(text) => super::quoted(&text.stored()),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(fields) => {
                let field = |(key, value): &(Text, Self)| {
                    format!("{}:{}", super::quoted(&key.stored()), value.text())
                };
                let fields: Vec<String> = fields.iter().map(field).collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }
}

/// Reads a body. Only objects and lists are taken, as body-parser does when it is strict.
pub(crate) fn parse(units: &[u16]) -> Result<Value, Syntax> {
    let mut parser = Parser { units, at: 0 };
    parser.blanks();
    match parser.peek() {
        None => Err(ended()),
        Some(b'{' | b'[') => {
            let value = parser.value(0)?;
            parser.blanks();
            if parser.at < units.len() {
                return Err(parser.placed("Unexpected non-whitespace character after JSON"));
            }
            Ok(value)
        }
        Some(_) => Err(parser.unexpected_token()),
    }
}

struct Parser<'a> {
    units: &'a [u16],
    at: usize,
}

impl Parser<'_> {
    /// The unit here, as a byte; what is beyond ASCII is as good as any other surprise.
    fn peek(&self) -> Option<u8> {
        let unit = self.units.get(self.at)?;
        Some(u8::try_from(*unit).unwrap_or(u8::MAX))
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, Syntax> {
        if depth > DEPTH_MAX {
            return Err(Syntax::TooDeep);
        }
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected_token()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Syntax> {
        self.at += 1;
        let mut fields = Vec::new();
        self.blanks();
        if self.take(b'}') {
            return Ok(Value::Object(fields));
        }
        if self.peek() != Some(b'"') {
            return Err(self.placed("Expected property name or '}' in JSON"));
        }
        loop {
            let name = self.string()?;
            self.blanks();
            if !self.take(b':') {
                return Err(self.no_colon(fields.is_empty()));
            }
            let value = self.value(depth + 1)?;
            fields.push((name, value));
            self.blanks();
            if self.take(b'}') {
                return Ok(Value::Object(fields));
            }
            if !self.take(b',') {
                return Err(self.placed("Expected ',' or '}' after property value in JSON"));
            }
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.placed("Expected double-quoted property name in JSON"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Syntax> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.take(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.take(b']') {
                return Ok(Value::List(items));
            }
            if !self.take(b',') {
                return Err(self.placed("Expected ',' or ']' after array element in JSON"));
            }
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Syntax> {
        for byte in word.bytes() {
            if !self.take(byte) {
                return Err(self.unexpected());
            }
        }
        Ok(value)
    }

    fn string(&mut self) -> Result<Text, Syntax> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let Some(unit) = self.units.get(self.at).copied() else {
                return Err(self.placed("Unterminated string in JSON"));
            };
            match unit {
                0x22 => {
                    self.at += 1;
                    return Ok(Text(text));
                }
                0x5C => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                0..=0x1F => {
                    return Err(self.placed("Bad control character in string literal in JSON"));
                }
                unit => {
                    text.push(unit);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self) -> Result<u16, Syntax> {
        let Some(byte) = self.peek() else {
            return Err(ended());
        };
        let unit = match byte {
            b'"' | b'\\' | b'/' => u16::from(byte),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let mut unit = 0_u16;
                for _ in 0..4 {
                    self.at += 1;
                    let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
                    let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                        return Err(self.placed("Bad Unicode escape in JSON"));
                    };
                    unit = (unit << 4) | digit;
                }
                unit
            }
            _ => return Err(self.placed("Bad escaped character in JSON")),
        };
        self.at += 1;
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, Syntax> {
        let start = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if let Some(b'0'..=b'9') = self.peek() {
                return Err(self.placed("Unexpected number in JSON"));
            }
        } else if !self.digits() {
            return Err(self.placed("No number after minus sign in JSON"));
        }
        if self.take(b'.') && !self.digits() {
            return Err(self.placed("Unterminated fractional number in JSON"));
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            if !self.digits() {
                return Err(self.placed("Exponent part is missing a number in JSON"));
            }
        }
        let units = self.units.get(start..self.at).unwrap_or_default();
        Ok(Value::Number(String::from_utf16_lossy(units)))
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at > start
    }

    fn placed(&self, what: &str) -> Syntax {
        Syntax::Broken(Text::from(format!("{what} at position {}", self.at)))
    }

    /// What Node says where a colon is missing: it has words of their own for the first name alone.
    fn no_colon(&self, first: bool) -> Syntax {
        if first {
            return self.placed("Expected ':' after property name in JSON");
        }
        self.unexpected()
    }

    /// What Node says of a token that does not belong here.
    fn unexpected(&self) -> Syntax {
        match self.peek() {
            Some(b'"') => self.placed("Unexpected string in JSON"),
            Some(b'-' | b'0'..=b'9') => self.placed("Unexpected number in JSON"),
            _ => self.unexpected_token(),
        }
    }

    /// What Node says of something that begins no value.
    fn unexpected_token(&self) -> Syntax {
        let Some(unit) = self.units.get(self.at) else {
            return ended();
        };
        let length = self.units.len();
        // A text that is short is shown whole.
        let (first, last) = if length <= 2 * CONTEXT {
            (0, length)
        } else {
            let last = self.at.saturating_add(CONTEXT).min(length);
            (self.at.saturating_sub(CONTEXT), last)
        };
        let before = if length > 2 * CONTEXT && self.at >= CONTEXT {
            "..."
        } else {
            ""
        };
        let after = if last < length { "..." } else { "" };
        let sentence =
            format!("Unexpected token '{{}}', {before}\"{{}}\"{after} is not valid JSON");
        let shown = self.units.get(first..last).unwrap_or_default();
        let holes = [&Text(vec![*unit]), &Text(shown.to_vec())];
        Syntax::Broken(Text::filled(&sentence, &holes))
    }
}

fn ended() -> Syntax {
    Syntax::Broken(Text::from("Unexpected end of JSON input"))
}

#[cfg(test)]
mod tests;
