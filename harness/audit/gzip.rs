//! Unpacks gzip: some recorders keep bodies as they came. The sum at the end is compared, so that a broken body is never judged.

use std::io::Read as _;

use flate2::read::GzDecoder;

/// A larger body is not an answer of an API.
const LARGEST: u64 = 64 << 20;

/// Whether bytes begin like a gzip stream.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The bytes inside, or what is wrong.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(bytes).take(LARGEST + 1).read_to_end(&mut unpacked);
    match read {
        Ok(length) if length as u64 > LARGEST => Err("it is larger than 64 MiB".to_owned()),
        Ok(_) => Ok(unpacked),
        Err(error) => Err(format!("it is broken: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::unpack;

    fn unpacked(text: &str) -> Result<String, String> {
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
