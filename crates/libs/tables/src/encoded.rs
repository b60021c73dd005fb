//! Values that are files (`postmap -F`): their contents in base64, and back.

use bstr::BString;

/// The contents of the files that `names` lists (comma or blank separated), a newline between files, in base64.
pub fn file_contents(names: &[u8]) -> Result<BString, String> {
    let names = std::str::from_utf8(names).map_err(|_| "file name is not UTF-8".to_owned())?;
    let mut contents = Vec::new();
    let files = names.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|name| !name.is_empty());
    for (index, name) in files.enumerate() {
        if index > 0 {
            contents.push(b'\n');
        }
        contents.extend(std::fs::read(name).map_err(|e| format!("open {name}: {}", sys::errno_text(&e)))?);
    }
    if contents.is_empty() {
        return Err(format!("empty pathname list: >>{names}<<'"));
    }
    Ok(BString::from(mail::base64::encode(&contents)))
}

/// The bytes of base64 `text`, or `None` when it is none.
pub fn decode(text: &[u8]) -> Option<BString> {
    mail::base64::decode(text).map(BString::from)
}
