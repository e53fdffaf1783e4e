//! Unpacks gzip (RFC 1952 with RFC 1951): some recorders keep bodies as they came. The sum at the end is compared, so that a broken
//! body is never judged.

/// A larger body is not an answer of an API.
const LARGEST: usize = 64 << 20;

/// Base and extra bits of the lengths that the symbols from 257 stand for.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// The order in which the lengths of the code lengths are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

type Unpacked<T> = Result<T, &'static str>;

/// Whether bytes begin as gzip does.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The bytes that were packed.
///
/// # Errors
/// What is wrong with the packed bytes.
pub(super) fn unpack(bytes: &[u8]) -> Unpacked<Vec<u8>> {
    let mut unpacked = Vec::new();
    let mut rest = bytes;
    while is_gzip(rest) {
        let start = unpacked.len();
        let mut bits = Bits { bytes: skip_header(rest)?, held: 0, count: 0 };
        inflate(&mut bits, &mut unpacked)?;
        let (trailer, after) = bits.bytes.split_at_checked(8).ok_or("it ends too early")?;
        let size = u32::try_from(unpacked.len() - start).unwrap_or(u32::MAX);
        if little(&trailer[..4]) != sum(&unpacked[start..]) || little(&trailer[4..]) != size {
            return Err("its checksum is wrong");
        }
        rest = after;
    }
    Ok(unpacked)
}

fn skip_header(bytes: &[u8]) -> Unpacked<&[u8]> {
    let (head, mut rest) = bytes.split_at_checked(10).ok_or("it ends too early")?;
    if head[2] != 8 {
        return Err("it is packed by an unknown method");
    }
    let flags = head[3];
    if flags & 4 != 0 {
        let (length, after) = rest.split_at_checked(2).ok_or("it ends too early")?;
        rest = after.get(usize::from(length[0]) + 256 * usize::from(length[1])..).ok_or("it ends too early")?;
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0).ok_or("it ends too early")?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..).ok_or("it ends too early")?;
    }
    Ok(rest)
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn sum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// Bits from the lowest of each byte upwards.
struct Bits<'a> {
    bytes: &'a [u8],
    held: u32,
    count: u8,
}

impl Bits<'_> {
    fn take(&mut self, count: u8) -> Unpacked<u16> {
        while self.count < count {
            let (byte, rest) = self.bytes.split_first().ok_or("it ends too early")?;
            self.held |= u32::from(*byte) << self.count;
            self.count += 8;
            self.bytes = rest;
        }
        let taken = self.held & ((1 << count) - 1);
        self.held >>= count;
        self.count -= count;
        u16::try_from(taken).map_err(|_| "it is broken")
    }

    fn skip_to_byte(&mut self) {
        (self.held, self.count) = (0, 0);
    }
}

fn inflate(bits: &mut Bits<'_>, out: &mut Vec<u8>) -> Unpacked<()> {
    loop {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(bits, out)?,
            1 => block(bits, &fixed_symbols(), &Codes::new(&[5; 30])?, out)?,
            2 => {
                let (symbols, distances) = dynamic(bits)?;
                block(bits, &symbols, &distances, out)?;
            }
            _ => return Err("it is broken"),
        }
        if last {
            bits.skip_to_byte();
            return Ok(());
        }
    }
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>) -> Unpacked<()> {
    bits.skip_to_byte();
    let length = bits.take(16)?;
    if bits.take(16)? != !length {
        return Err("it is broken");
    }
    let (block, rest) = bits.bytes.split_at_checked(usize::from(length)).ok_or("it ends too early")?;
    out.extend(block);
    bits.bytes = rest;
    Ok(())
}

fn block(bits: &mut Bits<'_>, symbols: &Codes, distances: &Codes, out: &mut Vec<u8>) -> Unpacked<()> {
    loop {
        match symbols.next(bits)? {
            256 => return Ok(()),
            symbol @ 0..256 => out.extend(u8::try_from(symbol)),
            symbol => {
                let (base, extra) = *LENGTHS.get(usize::from(symbol) - 257).ok_or("it is broken")?;
                let length = usize::from(base + bits.take(extra)?);
                let distance = distance(bits, distances)?;
                let from = out.len().checked_sub(distance).ok_or("it is broken")?;
                for index in from..from + length {
                    out.push(out[index]);
                }
            }
        }
        if out.len() > LARGEST {
            return Err("it is too large");
        }
    }
}

fn distance(bits: &mut Bits<'_>, distances: &Codes) -> Unpacked<usize> {
    let symbol = distances.next(bits)?;
    if symbol < 4 {
        return Ok(usize::from(symbol) + 1);
    }
    let extra = u8::try_from(symbol / 2 - 1).map_err(|_| "it is broken")?;
    Ok(((2 + usize::from(symbol % 2)) << extra) + 1 + usize::from(bits.take(extra)?))
}

fn fixed_symbols() -> Codes {
    let lengths: Vec<u8> = [(144, 8), (112, 9), (24, 7), (8, 8)]
        .into_iter()
        .flat_map(|(count, length)| std::iter::repeat_n(length, count))
        .collect();
    Codes::of(&lengths)
}

fn dynamic(bits: &mut Bits<'_>) -> Unpacked<(Codes, Codes)> {
    let symbols = usize::from(bits.take(5)?) + 257;
    let distances = usize::from(bits.take(5)?) + 1;
    let written = usize::from(bits.take(4)?) + 4;
    let mut lengths = [0; 19];
    for place in &ORDER[..written] {
        lengths[*place] = u8::try_from(bits.take(3)?).unwrap_or_default();
    }
    let codes = Codes::new(&lengths)?;
    let mut lengths: Vec<u8> = Vec::new();
    while lengths.len() < symbols + distances {
        let (value, times) = match codes.next(bits)? {
            16 => (*lengths.last().ok_or("it is broken")?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (u8::try_from(length).unwrap_or_default(), 1),
        };
        lengths.extend(std::iter::repeat_n(value, usize::from(times)));
    }
    if lengths.len() > symbols + distances {
        return Err("it is broken");
    }
    Ok((Codes::new(&lengths[..symbols])?, Codes::new(&lengths[symbols..])?))
}

/// A canonical prefix code: how many codes each length has, and the symbols in the order of their codes.
struct Codes {
    counts: [u16; 16],
    symbols: Vec<u16>,
}

impl Codes {
    fn new(lengths: &[u8]) -> Unpacked<Self> {
        let codes = Self::of(lengths);
        let mut left = 1_i32;
        for count in &codes.counts[1..] {
            left = 2 * left - i32::from(*count);
            if left < 0 {
                return Err("it is broken");
            }
        }
        Ok(codes)
    }

    fn of(lengths: &[u8]) -> Self {
        let mut symbols = Vec::with_capacity(lengths.len());
        let mut counts = [0; 16];
        for length in 1..=15 {
            let before = symbols.len();
            symbols.extend((0..).zip(lengths).filter(|(_, of)| **of == length).map(|(symbol, _): (u16, _)| symbol));
            counts[usize::from(length)] = u16::try_from(symbols.len() - before).unwrap_or_default();
        }
        Self { counts, symbols }
    }

    fn next(&self, bits: &mut Bits<'_>) -> Unpacked<u16> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            let count = i32::from(*count);
            code |= i32::from(bits.take(1)?);
            if code - first < count {
                let at = usize::try_from(index + code - first).map_err(|_| "it is broken")?;
                return self.symbols.get(at).copied().ok_or("it is broken");
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err("it is broken")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::unpack;

    fn unpacked(text: &str) -> Result<String, &'static str> {
        unpack(&STANDARD.decode(text).unwrap()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn unpacks_stored_fixed_and_dynamic_blocks() {
        assert_eq!(unpacked("H4sIAAAAAAAEAwEHAPj/eyJhIjoxfa+sG1YHAAAA").unwrap(), r#"{"a":1}"#);
        assert_eq!(unpacked("H4sIAAAAAAACA6tWSlSyUkpEAkq1AHBmb/cUAAAA").unwrap(), r#"{"a":"aaaaaaaaaaaa"}"#);
        let packed = "H4sIAAAAAAACA3XVTUoDQRRF4b30OEi9v66qjNyKaJBAYkQRhJC9C876cHt+Rvfrrndfzm/LsR2Wy+39/LEcl5/v01d7Pv2+XD8vp6fX23V5HO7/kW2jLiPfRpayim3lJqtENWRV2ypKVuu2SpdVRzVlNbZVrbKa22oNPSqm7zvbc3y9vmH+oec37D/1/gaAqQEMAtY0gcHATCNYZ6cZDA7mGsIgYaEpvPHb1RZu7HZ+Bf4LpTUcGrZqDk922sPp0bWH02NoD6fH0B5Oj6k9HB7etEc0vhLaI4yd9gh4uO88TnydQnsE36fQHgEPT+0R8PDSHtHZaY+Ah6/aI+jRtUfSY2iPpMfQHkmPqT0SHtF2zkWy0x7Ji2HaI+ERrj2ys9MeCY8I7ZHwiNQe1Xj5tEcZO+1R8IhVexQ9uvYoevSdA06PoT2KHlN7FD2m9ih4ZNMeBY80evwBMm38YEUJAAA=";
        let wanted: String = (0..60).map(|i| format!(r#"{{"id":{i},"login":"user{}@example.com"}},"#, i * 7)).collect();
        assert_eq!(unpacked(packed).unwrap(), wanted);
    }

    #[test]
    fn broken_bytes_are_not_taken_for_a_body() {
        let good = STANDARD.decode("H4sIAAAAAAACA6tWSlSyUkpEAkq1AHBmb/cUAAAA").unwrap();
        for length in 2..good.len() {
            assert!(unpack(&good[..length]).is_err(), "{length}");
        }
        for index in 10..good.len() {
            let mut broken = good.clone();
            broken[index] ^= 0x10;
            assert!(unpack(&broken).is_err(), "{index}");
        }
    }
}
