//! A record as no client library writes it, byte by byte over a connection of our own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{LONG, brokers};

/// Produces one record without key and value to the first partition, and sees it acknowledged.
pub(crate) fn produce(topic: &str, headers: &[(&[u8], &[u8])]) {
    let mut request = Vec::new();
    // Produce, version 3; a correlation; no client id.
    request.extend([0, 0, 0, 3]);
    request.extend(7_i32.to_be_bytes());
    request.extend((-1_i16).to_be_bytes());
    // No transaction; acknowledged by all, within so many milliseconds.
    request.extend((-1_i16).to_be_bytes());
    request.extend((-1_i16).to_be_bytes());
    request.extend(10_000_i32.to_be_bytes());
    // One topic, one partition, number 0.
    request.extend(1_i32.to_be_bytes());
    request.extend(i16::try_from(topic.len()).unwrap().to_be_bytes());
    request.extend(topic.as_bytes());
    request.extend(1_i32.to_be_bytes());
    request.extend(0_i32.to_be_bytes());
    let batch = batch(&record(headers));
    request.extend(length(&batch));
    request.extend(batch);

    let mut connection = TcpStream::connect(brokers()).unwrap();
    connection.set_read_timeout(Some(LONG)).unwrap();
    connection.write_all(&length(&request)).unwrap();
    connection.write_all(&request).unwrap();
    let mut answer = [0; 4];
    connection.read_exact(&mut answer).unwrap();
    let mut answer = vec![0; usize::try_from(i32::from_be_bytes(answer)).unwrap()];
    connection.read_exact(&mut answer).unwrap();
    // Correlation, topics, the name, partitions, the partition's number; then the error.
    let error = 4 + 4 + 2 + topic.len() + 4 + 4;
    assert_eq!(
        answer.get(error..error + 2),
        Some(&[0, 0][..]),
        "{answer:?}"
    );
}

fn batch(record: &[u8]) -> Vec<u8> {
    // Attributes, the last offset, two times, no producer, no epoch, no sequence, one record.
    let mut checked = Vec::new();
    checked.extend([0; 2 + 4 + 8 + 8]);
    checked.extend([0xff; 8 + 2 + 4]);
    checked.extend(1_i32.to_be_bytes());
    checked.extend(record);
    // The leader's epoch, the version of the format, the checksum.
    let mut rest = vec![0xff; 4];
    rest.push(2);
    rest.extend(crc32c(&checked).to_be_bytes());
    rest.extend(checked);
    let mut batch = vec![0; 8];
    batch.extend(length(&rest));
    batch.extend(rest);
    batch
}

fn record(headers: &[(&[u8], &[u8])]) -> Vec<u8> {
    // Attributes, the time, the offset, no key, no value.
    let mut record = vec![0, 0, 0, 1, 1];
    record.extend(varint(headers.len()));
    for (name, value) in headers {
        record.extend(varint(name.len()));
        record.extend(*name);
        record.extend(varint(value.len()));
        record.extend(*value);
    }
    let mut whole = varint(record.len());
    whole.extend(record);
    whole
}

fn length(bytes: &[u8]) -> [u8; 4] {
    i32::try_from(bytes.len()).unwrap().to_be_bytes()
}

/// Zigzag, of what is not negative.
fn varint(number: usize) -> Vec<u8> {
    let mut rest = number << 1;
    let mut bytes = Vec::new();
    while rest > 0x7f {
        bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).unwrap());
    bytes
}

fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = crc & 1 == 1;
            crc >>= 1;
            if odd {
                crc ^= 0x82f6_3b78;
            }
        }
    }
    !crc
}
