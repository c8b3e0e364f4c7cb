//! Numbers, texts and bytes that follow from a seed, with a liking for edges.

/// What comes to mind.
pub struct Mind(u64);

const NUMBERS: [u64; 24] = [
    0,
    1,
    2,
    5,
    6,
    7,
    255,
    4_095,
    4_096,
    4_097,
    65_535,
    65_536,
    65_537,
    (1 << 20) + 1,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
    1 << 32,
    1 << 40,
    (1 << 63) - 1,
    1 << 63,
    (1 << 63) + 1,
    u64::MAX - 1,
    u64::MAX,
];

const TEXTS: [&str; 40] = [
    "",
    ".",
    "..",
    "/",
    "./",
    "file.txt",
    "folder",
    "folder/",
    "folder/file.txt",
    "folder/../file.txt",
    "../canary.txt",
    "/etc/passwd",
    "new",
    "new/",
    "new/new",
    "a",
    "b",
    "a/b/c",
    "\0",
    "file.txt\0",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{ffff}",
    "\u{10ffff}",
    "e\u{301}",
    "-1",
    "0",
    "18446744073709551616",
    "host",
    "content-length",
    "transfer-encoding",
    "x-test",
    "5",
    "chunked",
    "api.example",
    "api.example:443",
    "127.0.0.1:1",
    "user@127.0.0.1:1",
    "[::1",
    "http://127.0.0.1:1/",
];

impl Mind {
    /// One that thinks of the same for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// One of so many.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % (count.max(1) as u64)).unwrap_or(0)
    }

    /// One of these.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// Yes or no, no more often.
    pub fn seldom(&mut self) -> bool {
        self.below(5) == 0
    }

    /// Bits.
    pub fn bits(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A number, at an edge more often than not.
    pub fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => self.next(),
            1 => self.next() % 100,
            _ => self.one_of(&NUMBERS).copied().unwrap_or(0),
        }
    }

    /// A number for sizes of what is made here.
    pub fn size(&mut self) -> usize {
        match self.below(8) {
            0 => 70_000,
            1 => 4_096,
            2 => 4_097,
            _ => self.below(64),
        }
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Vec<u8> {
        let size = self.size();
        (0..size).map(|_| self.bits()).collect()
    }

    /// A text.
    pub fn text(&mut self) -> String {
        match self.below(10) {
            0 => String::from_utf8_lossy(&self.bytes()).into_owned(),
            1 => "x".repeat(self.size()),
            2 => "../".repeat(self.below(2_000)),
            3 => format!("{}{}", self.known(), self.known()),
            4 => format!("{}/{}", self.known(), self.known()),
            _ => self.known().to_owned(),
        }
    }

    fn known(&mut self) -> &'static str {
        self.one_of(&TEXTS).copied().unwrap_or("")
    }
}
