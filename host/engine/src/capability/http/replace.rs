//! Placeholders become values, also where a stream is cut within one.

use super::lending::LentVariable;

/// Replaces placeholders, in a whole or in what comes piece by piece.
pub(super) struct Replacer {
    /// Each placeholder with its value.
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
    /// The end of what came in: it could be the beginning of a placeholder.
    held: Vec<u8>,
    /// Whether a value was put in.
    used: bool,
}

impl Replacer {
    /// Replaces the placeholders of these variables; none where there are none.
    pub(super) fn new<'a>(variables: impl Iterator<Item = &'a LentVariable>) -> Option<Self> {
        let pair = |variable: &LentVariable| {
            (variable.placeholder.clone().into_bytes(), variable.value.clone().into_bytes())
        };
        let pairs: Vec<_> = variables.map(pair).filter(|(from, _)| !from.is_empty()).collect();
        (!pairs.is_empty()).then(|| Self { pairs, held: Vec::new(), used: false })
    }

    /// A whole text with its placeholders replaced; none where it has no placeholder.
    pub(super) fn whole(mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut replaced = self.push(bytes);
        replaced.extend(self.finish());
        self.used.then_some(replaced)
    }

    /// Takes the next bytes and gives those that are decided.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let (mut out, mut at) = (Vec::with_capacity(self.held.len()), 0);
        while let Some(rest) = self.held.get(at..)
            && let Some(first) = rest.first()
        {
            if let Some((from, to)) = self.pairs.iter().find(|(from, _)| rest.starts_with(from)) {
                out.extend_from_slice(to);
                at += from.len();
                self.used = true;
                continue;
            }
            if self.pairs.iter().any(|(from, _)| from.len() > rest.len() && from.starts_with(rest))
            {
                break;
            }
            out.push(*first);
            at += 1;
        }
        self.held.drain(..at.min(self.held.len()));
        out
    }

    /// Gives the rest: nothing follows that could complete a placeholder.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replacer() -> Replacer {
        let of = |placeholder: &str, value: &str| LentVariable {
            name: "N".into(),
            placeholder: placeholder.into(),
            value: value.into(),
            header: true,
            body: true,
        };
        Replacer::new([of("@one@", "1"), of("@other@", "@one@")].iter()).unwrap()
    }

    #[test]
    fn a_placeholder_is_replaced_wherever_a_stream_is_cut() {
        let text = b"@@one@ @one @other@@one@ @on";
        for cut in 1..text.len() {
            let mut replacer = replacer();
            let mut out = Vec::new();
            text.chunks(cut).for_each(|part| out.extend(replacer.push(part)));
            out.extend(replacer.finish());
            assert_eq!(String::from_utf8(out).unwrap(), "@1 @one @one@1 @on", "{cut}");
        }
    }

    #[test]
    fn what_has_no_placeholder_stays_as_it_is() {
        assert!(replacer().whole(b"@on e@").is_none());
        assert!(Replacer::new([].iter()).is_none());
    }
}
