//! The model as a file, `classes.model` in a city's folder.
//!
//! All numbers are little-endian; weights are IEEE 754 of 32 bits. In this order:
//!
//! | what | form |
//! |---|---|
//! | who wrote it | the 8 bytes `HYCLASS` and a line feed |
//! | version | u16, 1 |
//! | threshold | u16, in thousandths; 1001 means never |
//! | titles that trained it | u32 |
//! | classes | u16 count, then for each a u16 length and its name in UTF-8; ascending, 2 to [`CLASSES_MAX`] |
//! | biases | a weight per class |
//! | n-grams | u32 count, then for each two u32 letters (the second 0 for a single letter), its rarity, and a weight per class; ascending |
//! | digest | SHA-256 of all that stands before |
//!
//! No n-gram stands in one title only, and digits are not kept, so the file tells nothing of a caller.

use super::{
    CLASSES_MAX, Classifier, THRESHOLD_NEVER_PERMILLE,
    error::ClassError,
    text::Gram,
    vocabulary::{GRAMS_MAX, Vocabulary},
};
use huying_domain::ids::ClassId;
use sha2::{Digest, Sha256};

/// The name of the file in a city's folder.
pub const MODEL_FILE: &str = "classes.model";
/// Most bytes of a model: 32 MiB, twice what the most n-grams of the most classes take.
pub const MODEL_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// The form that is written and read.
pub const MODEL_VERSION: u16 = 1;

const MAGIC: &[u8; 8] = b"HYCLASS\n";
const DIGEST_BYTES: usize = 32;

impl Classifier {
    /// The model as bytes.
    #[expect(clippy::cast_possible_truncation, reason = "all counts are bounded far below")]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(MODEL_VERSION.to_le_bytes());
        bytes.extend(self.threshold_permille.to_le_bytes());
        bytes.extend(self.titles.to_le_bytes());
        bytes.extend((self.classes.len() as u16).to_le_bytes());
        for class in &self.classes {
            bytes.extend((class.as_str().len() as u16).to_le_bytes());
            bytes.extend(class.as_str().as_bytes());
        }
        bytes.extend(self.biases.iter().flat_map(|bias| bias.to_le_bytes()));
        bytes.extend((self.vocabulary.len() as u32).to_le_bytes());
        for ((gram, rarity), weights) in self.vocabulary.iter().zip(self.weights.chunks(self.classes.len())) {
            bytes.extend(u32::from(gram.first).to_le_bytes());
            bytes.extend(gram.second.map_or(0, u32::from).to_le_bytes());
            bytes.extend(rarity.to_le_bytes());
            bytes.extend(weights.iter().flat_map(|weight| weight.to_le_bytes()));
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        bytes
    }

    /// Reads a model. Foreign files, other versions, cut or changed bytes are refused, each with its code:
    /// `model_foreign`, `model_version`, `model_too_large`, `model_corrupt`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClassError> {
        if bytes.len() as u64 > MODEL_BYTES_MAX {
            return Err(ClassError::new(
                "model_too_large",
                format!("模型文件超过 {MODEL_BYTES_MAX} 字节"),
                format!("the model file has more than {MODEL_BYTES_MAX} bytes"),
            ));
        }
        let behind = bytes.strip_prefix(MAGIC).ok_or_else(|| {
            ClassError::new("model_foreign", "不是分类模型文件", "the file is not a model of classes")
        })?;
        let version = Reader(behind).u16()?;
        if version != MODEL_VERSION {
            return Err(ClassError::new(
                "model_version",
                format!("模型文件版本为 {version}，本程序只读版本 {MODEL_VERSION}"),
                format!("the model file is of version {version}; this program reads version {MODEL_VERSION}"),
            ));
        }
        let (body, digest) = bytes.split_last_chunk::<DIGEST_BYTES>().ok_or_else(cut_off)?;
        if Sha256::digest(body).as_slice() != digest {
            return Err(ClassError::corrupt("校验和不符", "its digest does not hold"));
        }
        let mut reader = Reader(&body[MAGIC.len() + size_of::<u16>()..]);
        let model = reader.model()?;
        if reader.0.is_empty() {
            Ok(model)
        } else {
            Err(ClassError::corrupt("末尾多余", "bytes are left over"))
        }
    }
}

/// What has not been read yet.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn model(&mut self) -> Result<Classifier, ClassError> {
        let threshold_permille = self.u16()?;
        if threshold_permille > THRESHOLD_NEVER_PERMILLE {
            return Err(ClassError::corrupt("阈值无效", "the threshold is beyond its range"));
        }
        let titles = self.u32()?;
        let classes = self.classes()?;
        let biases = self.weights(classes.len())?;
        let count = self.u32()? as usize;
        if count > GRAMS_MAX {
            return Err(ClassError::corrupt("特征过多", "there are too many n-grams"));
        }
        let mut known = Vec::with_capacity(count);
        let mut weights = Vec::with_capacity(count * classes.len());
        for _ in 0..count {
            let gram = self.gram()?;
            let rarity = self.weights(1)?[0];
            known.push((gram, rarity));
            weights.extend(self.weights(classes.len())?);
        }
        let vocabulary = Vocabulary::of(known)
            .ok_or_else(|| ClassError::corrupt("特征次序错误", "the n-grams are out of order"))?;
        Ok(Classifier { classes, vocabulary, weights, biases, threshold_permille, titles })
    }

    fn classes(&mut self) -> Result<Vec<ClassId>, ClassError> {
        let bad = || ClassError::corrupt("分类无效", "its classes are not a list of names in order");
        let count = usize::from(self.u16()?);
        let mut classes = Vec::new();
        for _ in 0..count.min(CLASSES_MAX + 1) {
            let length = usize::from(self.u16()?);
            let name = std::str::from_utf8(self.take(length)?).map_err(|_| bad())?;
            classes.push(ClassId::new(name).map_err(|_| bad())?);
        }
        let fits = (super::train::CLASSES_MIN..=CLASSES_MAX).contains(&classes.len());
        if fits && classes.is_sorted_by(|one, other| one < other) { Ok(classes) } else { Err(bad()) }
    }

    fn gram(&mut self) -> Result<Gram, ClassError> {
        let bad = || ClassError::corrupt("特征无效", "an n-gram is not of letters");
        let first = char::from_u32(self.u32()?).ok_or_else(bad)?;
        let second = match self.u32()? {
            0 => None,
            code => Some(char::from_u32(code).ok_or_else(bad)?),
        };
        Ok(Gram { first, second })
    }

    fn weights(&mut self, count: usize) -> Result<Vec<f32>, ClassError> {
        let (chunks, _) = self.take(count * size_of::<f32>())?.as_chunks();
        let weights: Vec<f32> = chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
        if weights.iter().all(|weight| weight.is_finite()) {
            Ok(weights)
        } else {
            Err(ClassError::corrupt("权重无效", "a weight is not a number"))
        }
    }

    fn u16(&mut self) -> Result<u16, ClassError> {
        let bytes = self.take(size_of::<u16>())?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&mut self) -> Result<u32, ClassError> {
        let bytes = self.take(size_of::<u32>())?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn take(&mut self, count: usize) -> Result<&[u8], ClassError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn cut_off() -> ClassError {
    ClassError::corrupt("不完整", "it is cut off")
}
