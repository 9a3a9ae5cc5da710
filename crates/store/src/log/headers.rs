//! Headers as one column of bytes. The encoding is frozen: `log_record` keeps it for ever.
//!
//! ```text
//!   ┌────────┬──────┬────────┬───────┬────────┬──────┬───
//!   │ length │ name │ length │ value │ length │ name │ …     lengths: 4 bytes, big endian
//!   └────────┴──────┴────────┴───────┴────────┴──────┴───
//! ```

type Headers = Vec<(String, Vec<u8>)>;

/// The bytes of `headers`; none for none.
///
/// Lengths fit: a record's headers have at most [`writ_log::HEADERS_BYTES_MAX`] bytes.
pub(crate) fn encode(headers: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in headers {
        for part in [name.as_bytes(), value] {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
    }
    bytes
}

/// The headers of `bytes`; `None` where [`encode`] cannot have written them.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<Headers> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let name = part(&mut bytes)?;
        let value = part(&mut bytes)?;
        headers.push((String::from_utf8(name.to_vec()).ok()?, value.to_vec()));
    }
    Some(headers)
}

fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (part, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_frozen() {
        let headers = vec![
            ("a".to_owned(), vec![0xff, 0x00]),
            (String::new(), Vec::new()),
            ("a".to_owned(), b"b".to_vec()),
        ];
        let bytes = b"\0\0\0\x01a\0\0\0\x02\xff\0\0\0\0\0\0\0\0\0\0\0\0\x01a\0\0\0\x01b";
        assert_eq!(encode(&headers), bytes);
        assert_eq!(decode(bytes), Some(headers));
        assert_eq!((encode(&[]), decode(b"")), (Vec::new(), Some(Vec::new())));
    }

    #[test]
    fn broken_bytes_are_not_headers() {
        let whole = encode(&[("name".to_owned(), b"value".to_vec())]);
        for length in 1..whole.len() {
            assert_eq!(decode(&whole[..length]), None, "cut at {length}");
        }
        assert_eq!(decode(b"\0\0\0\x01\xff\0\0\0\0"), None, "a name is UTF-8");
        assert_eq!(decode(b"\xff\xff\xff\xff"), None);
    }
}
